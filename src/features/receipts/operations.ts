import type { PersonEntry } from '../../ledger/chain/person-chain.ts';
import type { Disclosure } from '../../ledger/disclosure/disclosure.ts';
import type { Policy } from '../../policy/clause.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import type { ConditionLeaf } from '../../policy/leaf.ts';
import { categoriesWhen, clausesWhen, revealsWhen } from '../../policy/reveals-when.ts';
import type { SigningKeys } from '../../store/signing-keys.ts';
import type { PersonDocument } from '../../subject/model.ts';
import { consentsOf } from '../consents/operations.ts';
import { consentRecord } from '../export/consent-records.ts';
import { toldDisclosure, toldEntry } from '../export/told-records.ts';
import { isAcceptance } from '../policy-versions/operations.ts';
import type { Receipt, ReceiptType } from './receipt.ts';

/** Where and when a receipt is asked for. */
interface Asked {
  /** Where the gateway is reached from outside. */
  readonly origin: string;
  readonly now: Date;
}

/** An act of a person on record, with all that says which version of the policy they had accepted then. */
export interface ActOnRecord {
  readonly person: PersonDocument;
  readonly entry: PersonEntry;
  /** The person's acceptances, newest first; other acts among them count for nothing. */
  readonly acts: readonly PersonEntry[];
}

/** The leaves in conditions of clauses that an act changes. */
function leavesOf(entry: PersonEntry): ConditionLeaf[] {
  switch (entry.type) {
    case 'CONSENT':
      return [entry.recipient === undefined ? { consent: entry.purpose } : { recipientConsent: entry.purpose }];
    case 'PREFERENCES':
      return Object.keys(entry.changes).map((preference) => ({ preference }));
    case 'RESTRICTION':
      return [{ restriction: entry.purpose }];
    case 'OPT_OUT':
      return [{ fact: 'standingOptOut' }];
    case 'RELATIONSHIP':
      return [{ fact: 'relationshipWithRecipient' }];
    case 'SOCIAL_CONNECTION':
    case 'SOCIAL_DISCONNECTION':
    case 'AUTO_POST':
      return [{ fact: 'autoPostToRecipient' }];
    default:
      return [];
  }
}

/** The version of the policy that the person accepted or had accepted when they did it; null where there was none. */
function versionOf({ entry, acts }: ActOnRecord): string | null {
  if ('policyVersion' in entry) return entry.policyVersion;
  if ('version' in entry) return entry.version;
  return acts.filter(isAcceptance).find(({ n }) => n < entry.n)?.version ?? null;
}

const partnerIn = (entry: PersonEntry): string | null => {
  if ('recipient' in entry && entry.recipient !== undefined) return entry.recipient;
  return 'partner' in entry ? entry.partner : null;
};

/** Categories that the act itself names; null where it names none. */
const categoriesIn = (entry: PersonEntry): readonly string[] | null => {
  if ('categories' in entry) return entry.categories;
  if ('category' in entry) return [entry.category];
  return 'takenIn' in entry ? entry.takenIn : null;
};

const distinct = <T>(items: readonly T[]): T[] => [...new Set(items)];

/**
 * The clauses with a condition that an act changes, the categories that they show or the act names, and the purposes.
 */
function bearingOf(policy: Policy, entry: PersonEntry) {
  const leaves = leavesOf(entry);
  const shown = () => leaves.flatMap((leaf) => categoriesWhen(policy, leaf));
  return {
    clauses: distinct(leaves.flatMap((leaf) => clausesWhen(policy, leaf))),
    categories: distinct(categoriesIn(entry) ?? shown()),
    purposes: distinct(leaves.flatMap((leaf) => revealsWhen(policy, leaf)).flatMap(({ purposes = [] }) => purposes)),
  };
}

export type Receipts = ReturnType<typeof createReceipts>;

/**
 * Signed copies of entries about one person, which they can keep and show to anybody: an act of theirs, or a
 * disclosure to a third party. A receipt names nobody but the person and the recipient.
 */
export function createReceipts({
  table,
  signingKeys,
}: {
  readonly table: DecisionTable;
  readonly signingKeys: Pick<SigningKeys, 'sign'>;
}) {
  const policyOf = (version: string | null) => table.policies.get(version ?? '') ?? table.current;

  const sign = (type: ReceiptType, receipt: Receipt, { origin, now }: Asked): Promise<string> =>
    signingKeys.sign({ iss: origin, iat: Math.floor(now.getTime() / 1_000), ...receipt }, type);

  /** The entry, and of a consent the record of ISO/IEC TS 27560 as well. */
  const recordOf = ({ person, entry }: ActOnRecord, policy: Policy, now: Date): Receipt['record'] => {
    const { n: _n, prev: _prev, hash: _hash, at: _at, type: _type, ...told } = toldEntry(entry);
    const consents = consentsOf([entry], person.facts, { table, now });
    return { ...told, ...(consents.length > 0 && { consentRecord: consentRecord(policy, person.publicId, consents) }) };
  };

  return {
    /** A compact JWS over an act: `consent-receipt+jwt`. */
    ofAct(act: ActOnRecord, asked: Asked): Promise<string> {
      const { person, entry } = act;
      const policyVersion = versionOf(act);
      const policy = policyOf(policyVersion);
      const receipt = {
        sub: person.publicId,
        controller: policy.publisher,
        at: entry.at,
        act: entry.type,
        policyVersion,
        ...bearingOf(policy, entry),
        recipient: partnerIn(entry),
        chain: { place: String(entry.n), hash: entry.hash, previous: entry.prev },
        record: recordOf(act, policy, asked.now),
      };
      return sign('consent-receipt+jwt', receipt, asked);
    },

    /** A compact JWS over a disclosure about a person to a third party: `disclosure-receipt+jwt`. */
    ofShare({ publicId }: PersonDocument, disclosure: Disclosure, asked: Asked): Promise<string> {
      const { at, policyVersion, clauses, categories, purpose, recipient, id, hash } = disclosure;
      const policy = policyOf(policyVersion);
      const receipt = {
        ...{ sub: publicId, controller: policy.publisher, at, act: 'SHARE', policyVersion },
        ...{ clauses: [...clauses], categories: [...categories], purposes: [purpose], recipient },
        chain: { place: id, hash },
        record: toldDisclosure(policy, disclosure),
      };
      return sign('disclosure-receipt+jwt', receipt, asked);
    },
  };
}
