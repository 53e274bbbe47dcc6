import { type Category, categoryNamed, type Vocabulary } from '../policy/vocabulary.ts';
import { DENIABLE } from './personal-fields.ts';
import { listed } from './policy-words.ts';

/** The descriptions of the fields and inputs of a category, from its words and from its role. */

/** A sentence that goes on in place of its full stop. */
const continued = (sentence: string, rest: string) => `${sentence.replace(/\.$/, '')}${rest}`;

const seersOfUnproven = ({ staff }: Vocabulary): string => {
  const roles = staff.filter(({ may }) => may.includes('seeUnprovenAddresses')).map(({ id }) => id);
  return roles.length === 0 ? 'the person' : `the person and for ${listed(roles)} staff`;
};

function shownAs(vocabulary: Vocabulary, { says, fieldSays = says, role, from, as }: Category): string {
  if (role === 'mailbox')
    return (
      `${fieldSays} Null, without an error, while the person has not proven the address, but for ` +
      `${seersOfUnproven(vocabulary)}.`
    );
  const isOfBirth = from !== undefined && categoryNamed(vocabulary, from)?.role === 'birthDate';
  if (as === 'ageBand') return continued(fieldSays, '; null for a child below all of them.');
  if (as === 'age' && isOfBirth)
    return continued(fieldSays, '; to anyone but the person as of the first of this month (UTC).');
  return fieldSays;
}

/** The description of the field that shows a category. */
export const fieldText = (vocabulary: Vocabulary, category: Category): string =>
  `${shownAs(vocabulary, category)} ${DENIABLE}`;

const UNIQUE = ': no name that another person has or had, nor one that looks like it.';

/** The description of the input by which somebody gives a value when registering. */
export function registerText({ says, inputSays = says, role, register }: Category): string {
  if (role === 'mailbox') return 'Where they receive mail. The address is unproven until its mailbox has answered.';
  if (role === 'handle') return continued(inputSays, UNIQUE);
  const asked = register === 'optional' ? continued(inputSays, '; nobody has to say.') : inputSays;
  return role === 'birthDate'
    ? `${asked} A birthday counts once it has begun everywhere in the \`country\`, and without one everywhere on Earth, at noon UTC.`
    : asked;
}

/** The description of the input by which a person puts a value right. */
export function correctionText({ says, fieldSays = says, inputSays = says, role }: Category): string {
  switch (role) {
    case 'mailbox':
      return `${fieldSays} Another address is unproven until its mailbox has answered.`;
    case 'handle':
      return continued(inputSays, UNIQUE);
    case 'birthDate':
      return (
        `${inputSays} One that makes the person a child below the policy’s age has to be confirmed, and then ` +
        'seals the account at once. Until `User.deletionDueAt` another date of birth opens it again: once, and only ' +
        'where staff did not seal it. After that, open a privacy case.'
      );
    default:
      return inputSays;
  }
}
