import { readFile } from 'node:fs/promises';
import { tagOf } from '../validated.ts';

/** A file of the explorer page, as the browser gets it. */
export interface Asset {
  readonly type: string;
  readonly body: Buffer<ArrayBuffer>;
  readonly etag: string;
}

// the compiler copies neither scripts nor styles; from src/ and from dist/ the way up is the same
const OWN_FILES = new URL('../../../src/http/graphiql/', import.meta.url);

/** Reads the files of the page by name; GraphiQL's are 8 MB, so they are left alone until a browser asks. */
export async function loadAssets(): Promise<ReadonlyMap<string, Asset>> {
  const [graphiql, client, style] = await Promise.all([
    import('@graphql-yoga/render-graphiql/graphiql'),
    readFile(new URL('client.js', OWN_FILES), 'utf8'),
    readFile(new URL('client.css', OWN_FILES), 'utf8'),
  ]);
  return new Map([
    ['graphiql.js', script(graphiql.js)],
    ['graphiql.css', asset('text/css', graphiql.css)],
    ['editor-worker.js', script(graphiql.editorWorkerService)],
    ['graphql-worker.js', script(graphiql.graphqlWorker)],
    ['json-worker.js', script(graphiql.jsonWorker)],
    ['client.js', script(client)],
    ['client.css', asset('text/css', style)],
  ]);
}

const script = (content: string) => asset('text/javascript', content);

function asset(type: string, content: string): Asset {
  const body = Buffer.from(content);
  return { type: `${type}; charset=utf-8`, body, etag: tagOf(body) };
}
