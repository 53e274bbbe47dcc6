import { purposesOf } from '../../policy/audiences.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import {
  type Category,
  type CategoryMask,
  type CategoryRole,
  categoryNamed,
  categoryWith,
  isIn,
  isListShape,
  NO_CATEGORIES,
  type OptionalFeature,
  scopeOf,
  staffAudience,
  type Vocabulary,
} from '../../policy/vocabulary.ts';
import type { Persona, PersonaGroup } from './personas.ts';

/** A tab of the explorer; its title is the operation's name. */
export interface Example {
  readonly query: string;
  readonly variables?: string;
  /** Id of the persona that the example is about; the tab begins with this caller. */
  readonly caller?: string;
}

/**
 * The tabs the explorer opens with: one for everyone's view of one person, one for each kind of caller, one that
 * explains a decision. Fields are those that the policy shows to the caller of the tab. Ids are those of the personas
 * given; without personas, placeholders stand in.
 *
 * The first tab begins with the person and shows them everything: a newcomer sees data first, and denials at the next
 * caller. It takes `$person`; the caller switcher fills in the id that the caller knows the person by: partners have
 * ids of their own.
 */
export function examplesFor(personas: readonly Persona[], table: DecisionTable): Example[] {
  const person = quoted(subjectOf(personas, 'SELF') ?? 'PERSON_ID');
  const partner = personas.find(isOf('PARTNER'))?.claims;
  const staff = personas.find(isOf('STAFF'))?.claims;
  const anyPurpose = table.current.purposes.find(({ use }) => use === 'CALLER')?.id ?? 'PURPOSE';
  const { sub, purpose, scope } =
    partner?.kind === 'partner' ? partner : { sub: 'CLIENT_ID', purpose: anyPurpose, scope: '' };
  const role = staff?.kind === 'staff' ? staff.role : (table.vocabulary.staff[0]?.id ?? 'staff');
  const as = (group: PersonaGroup, query: string): Example => {
    const persona = personas.find(isOf(group));
    return persona ? { query, caller: persona.id } : { query };
  };
  return [
    personas.length > 0
      ? as('SELF', everyone(table, '$person is filled in: partners know another id.'))
      : { query: everyone(table, '$person stands under Variables.'), variables: `{ "person": ${person} }` },
    as('VISITOR', visitor(table, person)),
    as('SELF', myself(table.vocabulary)),
    as('MEMBER', member(table, person)),
    as('PARTNER', ofPartner(table.vocabulary, scope)),
    as('STAFF', ofStaff(table, role, person)),
    as('SELF', explanation(table.vocabulary, { person, recipient: quoted(sub), purpose: quoted(purpose), scope })),
  ];
}

const isOf = (group: PersonaGroup) => (persona: Persona) => persona.group === group;

/** The user id of the first persona of a group. */
export const subjectOf = (personas: readonly Persona[], group: PersonaGroup) =>
  personas.find((persona) => persona.group === group)?.claims?.sub;

const quoted = (text: string) => JSON.stringify(text);

/** The categories of features, each with its field. */
const OF_FEATURES: readonly { readonly feature: OptionalFeature; readonly id: string; readonly field: string }[] = [
  { feature: 'orders', id: 'PAYMENT_CARD', field: 'paymentCard { brand lastFour }' },
  { feature: 'photos', id: 'PHOTOS', field: 'photos { caption }' },
  { feature: 'posts', id: 'POSTS', field: 'posts { forum text }' },
  { feature: 'social', id: 'ACTIVITY', field: 'recentActivity { text }' },
  { feature: 'transactions', id: 'TRANSACTIONS', field: 'transactions { good price }' },
];

/** The field that shows a category, with parts of it where it has any. */
function selectionOf({ field = '', value }: Category): string {
  if (value === 'address') return `${field} { city country }`;
  const item = value !== undefined && isListShape(value) ? value.list : value;
  return typeof item === 'object' ? `${field} { ${Object.keys(item).join(' ')} }` : field;
}

interface Selection {
  readonly id: string;
  readonly field: string;
}

const selectionsOf = ({ categories, features }: Vocabulary): Selection[] => [
  ...categories
    .filter(({ field }) => field !== undefined)
    .map((category) => ({ id: category.id, field: selectionOf(category) })),
  ...OF_FEATURES.filter(({ feature, id }) => features.includes(feature) && categories.some((one) => one.id === id)),
];

const lines = (fields: readonly string[], depth: number) =>
  fields.map((field) => `${' '.repeat(depth)}${field}\n`).join('');

/** The fields that some clause shows to an audience. */
function shownTo({ all, vocabulary }: DecisionTable, audience: string, purpose?: string): string[] {
  const rulings = (all.get(audience) ?? []).filter(
    ({ purposes }) => purpose === undefined || purposes === null || purposes.has(purpose),
  );
  const mask = rulings.reduce((shown, ruling) => shown | ruling.mask, NO_CATEGORIES);
  return fieldsIn(vocabulary, mask);
}

const fieldsIn = (vocabulary: Vocabulary, mask: CategoryMask): string[] =>
  selectionsOf(vocabulary)
    .filter(({ id }) => isIn(mask, id))
    .map(({ field }) => field);

const fieldWith = (vocabulary: Vocabulary, role: CategoryRole): string[] => {
  const category = categoryWith(vocabulary, role);
  return category ? [selectionOf(category)] : [];
};

const everyone = ({ vocabulary }: DecisionTable, hint: string) => `# One person, as each kind of caller sees them.
# ${hint}
query Everyone($person: ID!) {
  user(id: $person) {
    id
${lines(
  selectionsOf(vocabulary).map(({ field }) => field),
  4,
)}  }
}
`;

const visitor = (table: DecisionTable, person: string) => `# A visitor has no token: what everybody may see.
query Visitor {
  user(id: ${person}) {
    id
${lines(shownTo(table, 'VISITOR'), 4)}  }
}
`;

const myself = (vocabulary: Vocabulary) => {
  const switches = [...vocabulary.preferences.map(({ id }) => id), 'gpcOptOut'].slice(0, 2).join(' ');
  const own = (['handle', 'displayName', 'mailbox'] as const).flatMap((role) => fieldWith(vocabulary, role));
  return `# The person: everything held,
# and who was shown what for which purpose.
query Myself {
  me {
    id
${lines(own, 4)}    preferences { ${switches} }
    consents { purpose action at }
    thirdPartyShares {
      recipientName
      purpose
      categories
      at
    }
  }
}
`;
};

const member = (table: DecisionTable, person: string) => {
  const shown = shownTo(table, 'MEMBER');
  const denied = fieldWith(table.vocabulary, 'displayName').filter((field) => !shown.includes(field));
  return `# Another member: what members may see, and one thing that they may not.
query Member {
  user(id: ${person}) {
    id
${lines([...shown, ...denied], 4)}  }
}
`;
};

const ofPartner = (vocabulary: Vocabulary, scope: string) => `# A partner: the people whom its contract, its token
# and their own choices let it see.
query Partner {
  users(first: 10) {
    edges {
      node {
        id
${lines(fieldsIn(vocabulary, scopeOf(vocabulary, scope.split(' ')) ?? NO_CATEGORIES), 8)}      }
    }
  }
}
`;

const titleOf = (role: string) => `${role.charAt(0).toUpperCase()}${role.slice(1)}`;

/** The example of a role of staff: its fields, and the source of a derived one, which it may not see. */
function ofStaff(table: DecisionTable, role: string, person: string): string {
  const { vocabulary } = table;
  const [purpose] = purposesOf(table, staffAudience(role));
  const shown = shownTo(table, staffAudience(role), purpose);
  const sources = vocabulary.categories
    .filter(({ field = '', from }) => from !== undefined && shown.includes(field))
    .flatMap(({ from = '' }) => categoryNamed(vocabulary, from) ?? [])
    .map(selectionOf)
    .filter((field) => !shown.includes(field));
  return `# Staff in the role ${role}: what its clauses show, and no more.
query ${titleOf(role)} {
  user(id: ${person}) {
    id
${lines([...shown, ...sources.slice(0, 1)], 4)}  }
}
`;
}

/** The category to explain: the mailbox where the token's scope names it, else the first that the scope names. */
function explainedIn(vocabulary: Vocabulary, scope: string): string | undefined {
  const named = scopeOf(vocabulary, scope.split(' ')) ?? NO_CATEGORIES;
  const mailbox = categoryWith(vocabulary, 'mailbox');
  const candidates = [...(mailbox ? [mailbox] : []), ...vocabulary.categories];
  return (candidates.find(({ id }) => isIn(named, id)) ?? candidates[0])?.id;
}

interface Question {
  readonly scope: string;
  readonly person: string;
  readonly recipient: string;
  readonly purpose: string;
}

const explanation = (
  vocabulary: Vocabulary,
  { person, recipient, purpose, scope }: Question,
) => `# Why a partner may see something, or may not.
# Told to the person, not to the partner.
query Explain {
  explain(
    subject: ${person}
    category: ${explainedIn(vocabulary, scope)}
    recipient: ${recipient}
    purpose: ${purpose}
  ) {
    outcome
    reason
    clauses {
      clause { key summary }
      holds
      conditions { says holds }
    }
  }
}
`;
