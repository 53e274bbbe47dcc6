import { DAY } from './clock.ts';
import { clauseOf, type Draft, draftOfReference, parsePolicy, referenceText } from './policy.ts';

/** Three versions of the reference policy: one that was, one in force, and one that is announced. */

export const OLD = '2014-09-12';
export const IN_FORCE = '2015-06-01';
export const ANNOUNCED = '2026-09-01';

/** A text that is markup, wherever a page forgets to escape it. */
export const HOSTILE = `</style><script>document.title='run'</script><img src=x onerror="document.title='run'">'"&amp;`;

const version = (name: string, change: (draft: Draft) => void) => {
  const draft = draftOfReference();
  draft.version = name;
  change(draft);
  return parsePolicy(JSON.stringify(draft), name);
};

/** Offers companies see people without their opt-in, in a text that is markup. */
const inForce = version(IN_FORCE, (draft) => {
  const offers = clauseOf(draft, 'sharing.opt-in-offers');
  if (offers.reveals?.[0]) offers.reveals[0].when = { fact: 'personActive' };
  offers.summary = `Summary ${HOSTILE}`;
  offers.section = `Section ${HOSTILE}`;
  draft.title = `Title ${HOSTILE}`;
  if (draft.purposes[0]) draft.purposes[0].description = `Purpose ${HOSTILE}`;
});

/** Members see no photo, from thirty days on. */
const announced = version(ANNOUNCED, (draft) => {
  clauseOf(draft, 'photos.visibility').forbids = [{ to: 'MEMBER', categories: ['PHOTOS'] }];
  clauseOf(draft, 'photos.visibility').kind = ['reveal', 'limit'];
  draft.announceDays = 30;
});

export const NOTICE = 30 * DAY;

export const VERSIONS = {
  policy: announced,
  olderPolicies: [parsePolicy(referenceText, 'reference'), inForce],
};
