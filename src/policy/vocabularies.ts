import canonicalize from 'canonicalize';
import type { Policy } from './clause.ts';
import type { ProcessKind } from './process-kinds.ts';
import { type Category, placeOf, type TieWord, type Vocabulary } from './vocabulary.ts';

/** The vocabularies of several versions of a policy: decisions about a person use the version that they accepted. */

interface Versioned {
  readonly version: string;
  readonly vocabulary: Vocabulary;
}

const firstOfEach = <Word extends { readonly id: string }>(words: readonly Word[]): Word[] => {
  const first = new Map<string, Word>();
  for (const word of words) if (!first.has(word.id)) first.set(word.id, word);
  return [...first.values()];
};

/** The words of the current version, then the words of other versions only, each in its newest form. */
export function unionOf(current: Versioned, all: readonly Versioned[]): Vocabulary {
  const vocabularies = [current, ...all.filter((one) => one !== current).reverse()].map(({ vocabulary }) => vocabulary);
  // a version that holds a category gives its form; `notHeld` gives none
  const [held, unheld] = [vocabularies.flatMap(heldIn), vocabularies.flatMap(({ categories }) => categories)];
  return {
    categories: firstOfEach([...held, ...unheld]),
    preferences: firstOfEach(vocabularies.flatMap(({ preferences }) => preferences)),
    staff: firstOfEach(vocabularies.flatMap(({ staff }) => staff)),
    ties: firstOfEach(vocabularies.flatMap(({ ties }) => ties)),
    features: [...new Set(vocabularies.flatMap(({ features }) => features))],
    notHeld: current.vocabulary.notHeld,
  };
}

/** The kinds of legal process of all versions, in the same order. */
export const processKindsOf = (current: Policy, all: Iterable<Policy>): ProcessKind[] =>
  firstOfEach([current, ...all].flatMap(({ processKinds }) => processKinds));

const heldIn = ({ categories, notHeld }: Vocabulary): Category[] =>
  categories.filter(({ id }) => !notHeld.includes(id));

/** The stored form of a category, and the form of its field. No later version may change them. */
const formOf = ({ value, from, as, heldBy, field, type, role }: Category) =>
  canonicalize({ value, from, as, heldBy, field, type, role });

/** The places of a category. No other category of any version may have them. */
const placesOf = ({ id, value, field, type, role }: Category): string[] => [
  ...(field === undefined ? [] : [`field ${field}`]),
  ...(type === undefined ? [] : [`type ${type}`]),
  ...(value === undefined ? [] : [`place ${placeOf({ id, role })}`]),
];

/** Categories with different names in one place, a line each. */
export function sharedPlaces(all: readonly Versioned[]): string[] {
  const owners = new Map<string, string>();
  return all.flatMap(({ version, vocabulary }) =>
    heldIn(vocabulary).flatMap((category) =>
      placesOf(category).flatMap((place) => {
        const owner = owners.get(place) ?? category.id;
        owners.set(place, owner);
        return owner === category.id
          ? []
          : `policy version ${version}: expected another ${place.split(' ')[0]} of the category ${category.id}: ${owner} of another version has it`;
      }),
    ),
  );
}

/** The meaning of a tie, without its text. */
const meaningOf = ({ enteredBy, confirmedBy, symmetric }: TieWord) =>
  canonicalize({ enteredBy, confirmedBy, symmetric });

/** Words of one kind with different forms in two versions: a line each, which names the kind. */
function changedWords<Version extends { readonly version: string }, Word extends { readonly id: string }>(
  kind: string,
  all: readonly Version[],
  wordsOf: (version: Version) => readonly Word[],
  formOf: (word: Word) => string | undefined,
  told: (version: string) => string,
): string[] {
  const owners = new Map<string, { readonly version: string; readonly form: string | undefined }>();
  return all.flatMap((one) =>
    wordsOf(one).flatMap((word) => {
      const form = formOf(word);
      const owner = owners.get(word.id) ?? { version: one.version, form };
      owners.set(word.id, owner);
      return owner.form === form
        ? []
        : `policy version ${one.version}: expected the ${kind} ${word.id} ${told(owner.version)}`;
    }),
  );
}

const inForm = (version: string) => `in the form that version ${version} gives it; give another form another name`;

/** The categories and ties with different forms in two versions, a line each. */
export const changedForms = (all: readonly Versioned[]): string[] => [
  ...changedWords('category', all, ({ vocabulary }) => heldIn(vocabulary), formOf, inForm),
  ...changedWords('tie', all, ({ vocabulary }) => vocabulary.ties, meaningOf, inForm),
];

/** Consents for all recipients in one version and for single recipients in another, a line each. */
export const changedConsents = (all: readonly Pick<Policy, 'version' | 'consents'>[]): string[] =>
  changedWords(
    'consent',
    all,
    ({ consents }) => consents,
    ({ per }) => per,
    (version) =>
      `given as in version ${version}, for everybody or for each recipient; give another consent another name`,
  );
