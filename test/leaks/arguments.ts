import { generateKeyPairSync } from 'node:crypto';
import {
  type GraphQLInputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
} from 'graphql';
import { CATEGORIES, PURPOSES } from '../decisions/oracle.ts';
import { fromNow, HOUR } from '../decisions/partners.ts';
import { CURRENT, OLDER } from '../decisions/people.ts';
import type { Kept } from './learning.ts';
import type { Random } from './random.ts';
import { type Asker, CRAWLED_PARTNERS, DEALINGS, SCRATCH_PARTNERS } from './roster.ts';
import type { Resident, Stage } from './stage.ts';

/** A value for an argument or for a field of an input object, by where it stands: `Query.user(id)`, `OrderInput.brand`. */
export type ArgumentSource = (place: string, type: GraphQLInputType) => unknown;

export interface Sender {
  readonly stage: Stage;
  readonly random: Random;
  readonly asker: Asker;
  readonly kept: Kept;
}

/** A key set of a partner. */
const JWKS = JSON.stringify({
  keys: [generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })],
});

const SCRATCH = SCRATCH_PARTNERS.map(({ partner: { clientId } }) => clientId);
const CLIENT_IDS = CRAWLED_PARTNERS.map(({ partner: { clientId } }) => clientId);

/** All ids of people: for this caller, for members, for partners, and inside the gateway. */
function anyId({ stage, random, asker }: Sender): string {
  const resident = random.pick([...stage.residents.values()]);
  if (random.chance(0.6)) return stage.idFor(asker, resident);
  return random.pick([resident.id, resident.sid, ...resident.partnerIds.values(), 'never-issued']);
}

const self = ({ asker }: Sender): Resident | null => asker.resident?.() ?? null;
const idsIn = (list: unknown) => (list as { readonly id: string }[] | undefined)?.map(({ id }) => id) ?? [];

/** A text of the sender. A member's may be kept and shown, so each one is different. */
const said = (sender: Sender, place: string) => {
  const { asker, stage } = sender;
  const resident = self(sender);
  const of = resident ? `somebody ${resident.state}` : asker.name;
  return stage.canaries.text({ of, what: `text sent as ${place}` });
};

const PLACES: Readonly<Record<string, (sender: Sender) => unknown>> = {
  'Query.user(avatarName)': ({ stage, random }) => random.pick([...stage.residents.values()]).shown.avatarName,
  'Query.explain(subject)': (sender) => (sender.random.chance(0.5) && self(sender)?.id) || anyId(sender),
  'Query.explain(recipient)': ({ random }) =>
    random.pick([...CLIENT_IDS, 'SELF', 'MEMBER', 'VISITOR', 'STAFF_SUPPORT']),
  'Query.node(id)': (sender) =>
    sender.random.pick([anyId(sender), anyId(sender), `Partner:${CLIENT_IDS[0]}`, `Policy:${CURRENT}`]),
  'Query.users(after)': ({ kept }) => kept.cursor,
  'Query.threadFollowers(after)': ({ kept }) => kept.cursor,
  'Query.device(id)': ({ kept }) => kept.device ?? 'no-device',
  'Query.policy(version)': ({ random }) => random.pick([CURRENT, ...Object.keys(OLDER)]),
  'Query.mailingHeaders(list)': ({ random, asker }) => {
    const caller = asker.caller();
    return caller.kind === 'PARTNER' && random.chance(0.8) ? caller.purpose : random.pick(PURPOSES);
  },
  'Query.mailingHeaders(thread)': () => 'thread-1',
  'Policy.changesFrom(version)': ({ random }) => random.pick([CURRENT, ...Object.keys(OLDER)]),
  'User.partnerId(clientId)': ({ random }) => random.pick(CLIENT_IDS),
  'User.thirdPartyShares(before)': () => null,
  'User.thirdPartySharesConnection(after)': () => null,
  'User.consentsConnection(after)': () => null,
  'User.creditsConnection(after)': () => null,
  'User.postsConnection(after)': () => null,
  'User.transactionsConnection(after)': () => null,
  'Mutation.acceptPolicy(version)': () => CURRENT,
  'Mutation.acknowledgeErasure(id)': ({ kept }) => kept.notice ?? 'no-notice',
  'Mutation.acknowledgePartnerEvents(through)': ({ kept }) => kept.eventCursor ?? 'no-cursor',
  'Query.partnerEvents(after)': () => null,
  'Mutation.redeliver(id)': ({ kept }) => kept.notice ?? 'no-notice',
  // a name that gets no deliveries
  'Mutation.setWebhook(url)': () => 'https://localhost/',
  'Mutation.announceSuccession(partner)': ({ random }) => random.pick(SCRATCH),
  'Mutation.setContract(partner)': ({ random }) => random.pick(SCRATCH),
  'Mutation.setPartnerKeys(partner)': ({ random }) => random.pick(SCRATCH),
  'Mutation.setPartnerKeys(jwks)': () => JWKS,
  // one of the two is given
  'Mutation.setPartnerKeys(jwksUri)': () => null,
  'Mutation.suspendPartner(partner)': ({ random }) => random.pick(SCRATCH),
  'Mutation.reinstatePartner(partner)': ({ random }) => random.pick(SCRATCH),
  'PartnerInput.clientId': ({ random }) => random.pick(SCRATCH),
  'PartnerInput.kind': () => 'SUCCESSOR',
  'PartnerInput.name': () => 'Scratch',
  'PartnerInput.policyUrl': () => 'https://scratch.example/privacy',
  'Mutation.connectSocial(partner)': ({ random }) => random.pick(DEALINGS.networks),
  'Mutation.connectSocial(takenIn)': () => ['NAME', 'EMAIL'],
  'Mutation.disconnectSocial(partner)': ({ random }) => random.pick(DEALINGS.networks),
  'Query.privacyCases(after)': ({ kept }) => kept.caseCursor,
  'Mutation.sealChild(user)': ({ stage, random, asker }) => {
    const children = stage.withVerifiedGuardian();
    return stage.idFor(asker, random.pick(children.length > 0 ? children : stage.withOpenCase()));
  },
  'Mutation.unsealAccount(user)': ({ stage, random, asker }) => {
    const sealed = stage.withOpenCase().filter(({ shown }) => shown.status === 'SEALED');
    return stage.idFor(asker, random.pick([...sealed, ...stage.withOpenCase().slice(0, 1)]));
  },
  'Mutation.verifyGuardianCase(id)': ({ stage, random }) =>
    random.pick([...stage.reports().map(({ id }) => id), 'no-case']),
  // a person that is no asker; the first one has to exist, as a finding about nobody can't be confirmed
  'Mutation.recordChildFinding(user)': ({ stage, random }) =>
    random.pick([stage.living().at(-1)?.id, 'nobody-here'].slice(0, stage.findings.length > 0 ? 2 : 1)),
  'Mutation.confirmChildFinding(id)': ({ stage, random, asker }) => {
    const sub = asker.claims()?.sub;
    const others = stage.findings.filter(({ by }) => by !== sub);
    if (others[0]) return others[0].id;
    return random.pick([...stage.findings.map(({ id }) => id), 'no-finding']);
  },
  'Mutation.setAutoPost(partner)': ({ random }) => random.pick(DEALINGS.networks),
  'Mutation.enterRelationship(partner)': ({ random }) => random.pick(DEALINGS.coBranded),
  'Mutation.leaveRelationship(partner)': ({ random }) => random.pick(DEALINGS.coBranded),
  'Mutation.recordAdInteraction(partner)': ({ random }) => random.pick(DEALINGS.advertisers),
  'Mutation.recordVisit(page)': () => '/shop',
  'Mutation.deletePersonalData(categories)': ({ random }) => [
    random.pick(['GENDER', 'CELL_PHONE', 'PHOTOS', 'ACTIVITY']),
  ],
  'Mutation.eraseAccount(confirmation)': ({ kept }) => kept.confirmation ?? 'not confirmed',
  'Mutation.endLegalProcess(id)': ({ kept }) => kept.process ?? 'no-process',
  'Mutation.reportActivity(process)': ({ kept }) => kept.process ?? 'no-process',
  'Mutation.reportActivity(categories)': () => ['EMAIL'],
  'Mutation.closePrivacyCase(id)': (sender) => {
    const cases = sender.stage.living().flatMap(({ shown }) => shown.privacyCases.map(({ id }) => id));
    return sender.random.pick([...cases, 'no-case']);
  },
  'Mutation.removePhotos(ids)': (sender) => idsIn(self(sender)?.shown.photos).slice(0, 1),
  'Mutation.removePosts(ids)': (sender) => idsIn(self(sender)?.shown.posts).slice(0, 1),
  'Mutation.reportOrder(order)': ({ stage, random }) =>
    random.pick(stage.living().flatMap(({ shown }) => idsIn(shown.orders))),
  'Mutation.cancelOrder(order)': (sender) => idsIn(self(sender)?.shown.orders)[0] ?? 'no-order',
  'Mutation.acceptOfferCompletion(id)': ({ kept }) => kept.waiting ?? 'none',
  'Mutation.refuseOfferCompletion(id)': ({ kept }) => kept.waiting ?? 'none',
  'Mutation.unsubscribeFromThread(thread)': (sender) => self(sender)?.shown.subscriptions[0]?.thread ?? 'thread-1',
  'Query.threadFollowers(thread)': ({ stage, random }) =>
    random.pick(['thread-1', ...stage.living().flatMap(({ shown }) => shown.subscriptions[0]?.thread ?? [])]),
  'Mutation.subscribeToThread(thread)': (sender) => said(sender, 'thread'),
  'OfferCompletionInput.completionId': (sender) => said(sender, 'completionId'),
  'OfferCompletionInput.email': ({ stage, random }) => random.pick(stage.living()).shown.email ?? 'nobody@mail.example',
  'Mutation.subscribeToThread(email)': (sender) => (self(sender) ? null : `${said(sender, 'email')}@mail.example`),
  'Mutation.proveEmail(token)': () => 'no-token',
  'Mutation.verifySubscription(token)': () => 'no-token',
  'Mutation.updateDevice(id)': ({ kept }) => kept.device ?? 'no-device',
  'Mutation.eraseDevice(id)': ({ kept }) => kept.device ?? 'no-device',
  // the opposite of `sessionOnly`: both at random would contradict each other half the time
  'DeviceInput.persistent': () => null,
  'DeviceInput.volume': ({ random }) => random.below(101),
  'OrderInput.processor': ({ random }) => random.pick(DEALINGS.processors),
  'OrderInput.lastFour': (sender) => sender.stage.canaries.fourDigits({ of: sender.asker.name, what: 'lastFour' }),
  'OrderInput.expiry': (sender) => sender.stage.canaries.month({ of: sender.asker.name, what: 'expiry' }),
  'LegalProcessInput.subject': ({ stage, random }) => random.pick(stage.living()).id,
  'LegalProcessInput.categories': ({ random }) => ['EMAIL', random.pick(CATEGORIES)],
  'LegalProcessInput.from': () => fromNow(-HOUR),
  'LegalProcessInput.until': () => fromNow(HOUR),
  'LegalProcessInput.notBefore': () => fromNow(HOUR),
  'ContractInput.purposes': () => ['succession'],
  'ContractInput.from': () => fromNow(-HOUR),
  'ContractInput.until': () => fromNow(HOUR),
  'CorrectionInput.birthDate': (sender) =>
    sender.stage.canaries.date({ of: sender.asker.name, what: 'birthDate' }, 1940),
  'RegisterInput.birthDate': (sender) => sender.stage.canaries.date({ of: sender.asker.name, what: 'birthDate' }, 1940),
  'RegisterInput.policyVersion': () => CURRENT,
  // a registration from a site would also make a link, and not every asker may
  'RegisterInput.from': () => null,
};

/** Lists of people and of their items are asked for in small pages, so that an answer does not cost too much. */
const PAGE = 3;

function scalarFor(place: string, name: string, sender: Sender): unknown {
  const { random } = sender;
  switch (name) {
    case 'ID':
      return anyId(sender);
    case 'String':
      return said(sender, place);
    case 'Int':
      return /\(first\)$/.test(place) ? PAGE : 1 + random.below(50);
    case 'Boolean':
      return random.chance(0.5);
    case 'DateTime':
      return fromNow(0);
    case 'EmailAddress':
      return `${said(sender, place)}@mail.example`;
    case 'URL':
      return `https://photos.example/${said(sender, place)}`;
    case 'CountryCode':
      return random.pick(['US', 'FR', 'CA']);
    case 'Purpose':
      return random.pick(PURPOSES);
    case 'ConsentPurpose':
      return random.pick(['targetedOffers', 'euTransfer']);
    case 'DataCategory':
      return random.pick(CATEGORIES);
    default:
      throw new Error(`The scalar ${name} of ${place} has no generator.`);
  }
}

export function createArguments(sender: Sender): ArgumentSource {
  const { random } = sender;
  const valueFor: ArgumentSource = (place, type) => {
    const own = PLACES[place];
    if (own) return own(sender);
    if (isNonNullType(type)) return valueFor(place, type.ofType);
    if (isListType(type)) return Array.from({ length: 1 + random.below(2) }, () => valueFor(place, type.ofType));
    const named = getNamedType(type);
    if (isEnumType(named)) return random.pick(named.getValues()).name;
    if (!isInputObjectType(named)) return scalarFor(place, named.name, sender);
    const fields = Object.values(named.getFields()).filter(
      (field) => isRequiredInputField(field) || random.chance(0.7),
    );
    return Object.fromEntries(fields.map((field) => [field.name, valueFor(`${named.name}.${field.name}`, field.type)]));
  };
  return valueFor;
}
