/** The shape of a name, so that it holds no text of anybody. */
const MOST = { segments: 4, letters: 24 } as const;
/** One word, or up to three joined by dashes. */
const WORDS = /^[a-z]+(?:-[a-z]+){0,2}$/;

/** Stands for a segment that is no plain word: the id of something, or text. */
const ID = ':id';

const segmentName = (segment: string) => (segment.length <= MOST.letters && WORDS.test(segment) ? segment : ID);

/**
 * The name under which visits of a page are counted: up to four segments of plain words in small letters. Every other
 * segment, such as an id, a number or a name with a dot, is `:id`. A name is its own name.
 *
 * @param path  from its first slash on
 */
export function pageName(path: string): string {
  const segments = path.toLowerCase().split('/').filter(Boolean);
  return `/${segments.slice(0, MOST.segments).map(segmentName).join('/')}`;
}
