import type { Policy } from '../policy/clause.ts';
import type { DecisionTable } from '../policy/compile.ts';
import type { PolicyDiff } from '../policy/diff.ts';
import { diffInWords, type FieldsOf } from '../policy/diff-words.ts';
import { type PolicyView, rowNamesOf, viewOf } from '../policy/policy-view.ts';
import { isFromAddressBar } from './browser.ts';
import { problem } from './json.ts';
import { pathOf } from './path.ts';
import { diffPage, type MatrixFilter, noVersionPage, POLICY_HEADERS, POLICY_PATH, policyPage } from './policy-pages.ts';
import { answerByMethod } from './routes.ts';
import { answerValidated } from './validated.ts';

export interface PolicyRoutesOptions {
  readonly table: DecisionTable;
  readonly fieldsOf: FieldsOf;
  /** The changes of the second version against the first; expected to compute them once. */
  readonly diffBetween: (before: Policy, after: Policy) => PolicyDiff;
}

const CACHED = { 'cache-control': 'public, no-cache', vary: 'accept' };
const NO_VERSION = 'There is no such version of the policy.';
const ADDRESS = new RegExp(`^${POLICY_PATH}(?:/diff/([^/]+)/([^/]+)|/([^/]+))?$`);

/** The filter of an address. A value that the policy does not have filters nothing. */
function filterOf(url: string, view: PolicyView): MatrixFilter {
  const asked = new URL(url).searchParams;
  const one = (name: string, known: readonly string[]) => known.find((value) => value === asked.get(name)) ?? null;
  const { recipients, purposes } = rowNamesOf(view.matrix);
  return {
    category: one(
      'category',
      view.categories.map(({ id }) => id),
    ),
    recipient: one('recipient', recipients),
    purpose: one('purpose', purposes),
  };
}

/**
 * The policy for everybody to read: `/policy` is the version in force, `/policy/<version>` any other, and
 * `/policy/diff/<a>/<b>` the changes of `b` against `a`. A browser gets a page, and a program gets the same in JSON.
 */
export function createPolicyRoutes({ table, fieldsOf, diffBetween }: PolicyRoutesOptions) {
  let views: readonly PolicyView[] | undefined;
  const allViews = () => {
    views ??= [...table.policies.values()].map((policy) => viewOf(table, policy, fieldsOf));
    return views;
  };
  const answer = (request: Request, page: () => string, told: () => unknown) =>
    isFromAddressBar(request)
      ? answerValidated(request, { body: page() }, { ...POLICY_HEADERS, ...CACHED })
      : answerValidated(
          request,
          { body: JSON.stringify(told()) },
          { 'content-type': 'application/json; charset=utf-8', ...CACHED },
        );

  const noVersion = (request: Request) =>
    isFromAddressBar(request)
      ? new Response(noVersionPage(allViews()), { status: 404, headers: { ...POLICY_HEADERS, vary: 'accept' } })
      : problem(404, NO_VERSION, { vary: 'accept' });

  const version = (request: Request, wanted: string) => {
    const view = allViews().find((candidate) => candidate.version === wanted);
    if (!view) return noVersion(request);
    return answer(
      request,
      () => policyPage(view, allViews(), filterOf(request.url, view)),
      () => view,
    );
  };

  const diff = (request: Request, from: string, to: string) => {
    const [before, after] = [table.policies.get(from), table.policies.get(to)];
    if (!before || !after) return noVersion(request);
    const changes = diffInWords(diffBetween(before, after), fieldsOf);
    return answer(
      request,
      () => diffPage({ before, after }, changes, allViews()),
      () => ({ from, to, changes }),
    );
  };

  return async (request: Request): Promise<Response | null> => {
    const found = ADDRESS.exec(pathOf(request));
    if (!found) return null;
    const [, from, to, named = table.current.version] = found;
    return answerByMethod(request, {
      GET: async () => (from !== undefined && to !== undefined ? diff(request, from, to) : version(request, named)),
    });
  };
}
