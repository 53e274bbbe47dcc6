import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { tagOf } from '../validated.ts';

/** A file of the explorer page, as the browser gets it. */
export interface Asset {
  readonly type: string;
  readonly body: Buffer<ArrayBuffer>;
  /** One for the file, compressed or not. */
  readonly etag: string;
  /** The file compressed with gzip, once that is done: a browser that comes before need not wait for it. */
  readonly compressed: () => Buffer<ArrayBuffer> | null;
}

// the compiler copies neither scripts nor styles; from src/ and from dist/ the way up is the same
const OWN_FILES = new URL('../../../src/http/graphiql/', import.meta.url);

/** The scripts of the page, by their task. */
const SCRIPTS = [
  'client.js',
  'elements.js',
  'insight.js',
  'decisions.js',
  'comparison.js',
  'snippets.js',
  'selections.js',
];

const readOwn = (name: string) => readFile(new URL(name, OWN_FILES), 'utf8');

/** Reads the files of the page by name; GraphiQL's are 8 MB, so they are left alone until a browser asks. */
export async function loadAssets(): Promise<ReadonlyMap<string, Asset>> {
  const [graphiql, style, ...scripts] = await Promise.all([
    import('@graphql-yoga/render-graphiql/graphiql'),
    readOwn('client.css'),
    ...SCRIPTS.map(readOwn),
  ]);
  return new Map([
    ['graphiql.js', script(graphiql.js)],
    ['graphiql.css', asset('text/css', graphiql.css)],
    ['editor-worker.js', script(graphiql.editorWorkerService)],
    ['graphql-worker.js', script(graphiql.graphqlWorker)],
    ['json-worker.js', script(graphiql.jsonWorker)],
    ['client.css', asset('text/css', style)],
    ...scripts.map((content, place) => [SCRIPTS[place] ?? '', script(content)] as const),
  ]);
}

const script = (content: string) => asset('text/javascript', content);

const compress = promisify(gzip);

function asset(type: string, content: string): Asset {
  const body = Buffer.from(content);
  let compressed: Buffer<ArrayBuffer> | null = null;
  compress(body).then(
    (smaller) => {
      compressed = smaller;
    },
    () => {}, // it is sent as it is
  );
  return { type: `${type}; charset=utf-8`, body, etag: `W/${tagOf(body)}`, compressed: () => compressed };
}
