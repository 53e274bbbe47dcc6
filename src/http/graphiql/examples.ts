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
 * explains a decision. Ids are those of the personas given; where there are none, placeholders stand in.
 *
 * The first tab begins with the person, who sees all of it: a newcomer sees data first, and denials at the next caller.
 * It takes `$person`, which the caller switcher fills in with the id under which the caller knows the person:
 * partners have ids of their own.
 */
export function examplesFor(personas: readonly Persona[]): Example[] {
  const person = quoted(subjectOf(personas, 'SELF') ?? 'PERSON_ID');
  const partner = personas.find(({ claims }) => claims?.kind === 'partner')?.claims;
  const { sub, purpose } = partner?.kind === 'partner' ? partner : { sub: 'CLIENT_ID', purpose: 'targeted-offers' };
  const as = (caller: (persona: Persona) => boolean, query: string): Example => {
    const persona = personas.find(caller);
    return persona ? { query, caller: persona.id } : { query };
  };
  return [
    personas.length > 0
      ? as(isOf('SELF'), everyone('$person is filled in: partners know another id.'))
      : { query: everyone('$person stands under Variables.'), variables: `{ "person": ${person} }` },
    as(isOf('VISITOR'), visitor(person)),
    as(isOf('SELF'), SELF),
    as(isOf('MEMBER'), member(person)),
    as(isOf('PARTNER'), PARTNER),
    as(isSupport, support(person)),
    as(isOf('SELF'), explanation(person, quoted(sub), quoted(purpose))),
  ];
}

const isOf = (group: PersonaGroup) => (persona: Persona) => persona.group === group;

const isSupport = ({ claims }: Persona) => claims?.kind === 'staff' && claims.role === 'support';

/** The user id of the first persona of a group. */
export const subjectOf = (personas: readonly Persona[], group: PersonaGroup) =>
  personas.find((persona) => persona.group === group)?.claims?.sub;

const quoted = (text: string) => JSON.stringify(text);

const everyone = (hint: string) => `# One person, as each kind of caller sees them.
# ${hint}
query Everyone($person: ID!) {
  user(id: $person) {
    id
    avatarName
    name
    email
    gender
    age
    ageBand
    birthDate
    cellPhone
    postalAddress { city country }
    paymentCard { brand lastFour }
    photos { caption }
    posts { forum text }
    recentActivity { text }
    transactions { good price }
  }
}
`;

const visitor = (person: string) => `# A visitor has no token: the pseudonym alone.
query Visitor {
  user(id: ${person}) {
    id
    avatarName
  }
}
`;

const SELF = `# The person: everything held,
# and who was shown what for which purpose.
query Myself {
  me {
    id
    avatarName
    name
    email
    preferences { imvuNewsletter adTargeting }
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

const member = (person: string) => `# Another member: photos and posts,
# but not the legal name.
query Member {
  user(id: ${person}) {
    avatarName
    photos { url caption }
    posts { forum text at }
    name
  }
}
`;

const PARTNER = `# A partner: the people whom its contract, its token
# and their own choices let it see.
query Partner {
  users(first: 10) {
    edges {
      node {
        id
        name
        email
      }
    }
  }
}
`;

const support = (person: string) => `# Customer support: the age, not the birth date.
query Support {
  user(id: ${person}) {
    avatarName
    name
    email
    age
    birthDate
    postalAddress { city country }
    transactions { kind good price at }
  }
}
`;

const explanation = (
  person: string,
  recipient: string,
  purpose: string,
) => `# Why a partner may see an address, or may not.
# Told to the person, not to the partner.
query Explain {
  explain(
    subject: ${person}
    category: EMAIL
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
