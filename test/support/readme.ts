import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder that README.md stands in, where its commands are run. */
export const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** A fenced block; lines are counted from 1. */
export interface Block {
  readonly language: string;
  readonly text: string;
  readonly line: number;
  readonly lastLine: number;
}

export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The content between one heading and the next. */
export interface Section {
  /** The file, from the folder of the project. */
  readonly page: string;
  readonly title: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly tables: readonly Table[];
}

/** A step that a reader types: an example with its output, or a gateway to start beside the first. */
export type Step =
  | { readonly kind: 'EXAMPLE'; readonly code: string; readonly prints: Block }
  | { readonly kind: 'GATEWAY'; readonly env: Readonly<Record<string, string>> };

const FENCE = /^```(\w*)$/;

function blocksIn(lines: readonly string[], offset: number): Block[] {
  const fences = lines.flatMap((line, index) => {
    const language = FENCE.exec(line)?.[1];
    return language === undefined ? [] : [{ language, index }];
  });
  return fences.flatMap(({ language, index }, n) => {
    const end = fences[n + 1]?.index;
    if (n % 2 === 1 || end === undefined) return [];
    const text = lines.slice(index + 1, end).join('\n');
    return [{ language, text, line: offset + index + 1, lastLine: offset + end + 1 }];
  });
}

const cellsOf = (line: string) =>
  line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());

function tablesIn(text: string): Table[] {
  return [...text.matchAll(/^\|.*\|\n\|[-|]+\|\n((?:\|.*\|(?:\n|$))*)/gm)].map(([table, rows = '']) => ({
    header: cellsOf(table.split('\n')[0] ?? ''),
    rows: rows.trim().split('\n').map(cellsOf),
  }));
}

/** A page of the documentation, section by section. */
export function readPage(name: string): Section[] {
  const lines = readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8').split('\n');
  const fenced = blocksIn(lines, 0);
  const isFenced = (line: number) => fenced.some((block) => block.line < line && line < block.lastLine);
  const headings = lines.flatMap((line, index) => (/^#+ /.test(line) && !isFenced(index + 1) ? [index] : []));
  return headings.map((start, n) => {
    const body = lines.slice(start, headings[n + 1]);
    const text = body.slice(1).join('\n');
    return {
      page: name,
      title: (body[0] ?? '').replace(/^#+ /, ''),
      text,
      blocks: blocksIn(body, start),
      tables: tablesIn(text),
    };
  });
}

/** README.md and the pages of `docs`. */
export const PAGES: readonly string[] = [
  'README.md',
  ...readdirSync(new URL('../../docs', import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .sort()
    .map((file) => `docs/${file}`),
];

/** All pages, section by section. */
export const readPages = (): Section[] => PAGES.flatMap(readPage);

const definesFunctions = ({ language, text }: Block) => language === 'sh' && /^\w+\(\) /m.test(text);

/** The shell functions that the examples of every section may use. */
export const functionsIn = (sections: readonly Section[]): string =>
  sections
    .flatMap(({ blocks }) => blocks)
    .filter(definesFunctions)
    .map(({ text }) => text)
    .join('\n');

const GATEWAY = /^((?:\w+=\S+ )+)npm start$/;

/** The steps of a section: shell blocks right above their output, and gateways. */
export function stepsOf({ blocks }: Section): Step[] {
  return blocks.flatMap(({ language, text, lastLine }, index): Step[] => {
    if (language !== 'sh') return [];
    const next = blocks[index + 1];
    if (next && ['json', 'text'].includes(next.language) && next.line === lastLine + 2)
      return [{ kind: 'EXAMPLE', code: text, prints: next }];
    const settings = GATEWAY.exec(text)?.[1];
    if (settings === undefined) return [];
    const env = Object.fromEntries(
      settings
        .trim()
        .split(' ')
        .map((setting) => setting.split('=') as [string, string]),
    );
    return [{ kind: 'GATEWAY', env }];
  });
}

/** The texts between backticks. */
export const codesIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
