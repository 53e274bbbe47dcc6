/** A text escaped for an element of HTML or the value of an attribute. */
export const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** HTML that is safe to show: `html` makes it. */
export class Html {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

type Part = string | number | Html | readonly Html[];

const sourceOf = (part: Part): string => {
  if (part instanceof Html) return part.source;
  return typeof part === 'object' ? part.map(sourceOf).join('') : escapeHtml(String(part));
};

/** A template of HTML. It escapes every inserted text, so that no page can forget that. */
export const html = ({ raw }: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(raw.map((text, place) => (place === 0 ? '' : sourceOf(parts[place - 1] ?? '')) + text).join(''));

export const NOTHING = html``;

/** Pieces with a separator between them. */
export const joined = (pieces: readonly Html[], separator: string): Html[] =>
  pieces.flatMap((piece, place) => (place === 0 ? [piece] : [html`${separator}`, piece]));
