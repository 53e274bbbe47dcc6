import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { buildSchema, parse, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundled } from '../../examples/serve.js';
import { createHttpServer } from '../../src/http/server.ts';
import { PROJECT } from '../support/readme.ts';
import { createWorld, member, type TestWorld } from '../support/world.ts';

const EXAMPLES = ['apollo', 'urql', 'relay', 'own'] as const;

const PAGE = await readFile(path.join(PROJECT, 'docs/client.md'), 'utf8');

interface Root {
  innerHTML: string;
  onchange?: (event: { readonly target: { readonly name: string; readonly checked: boolean } }) => Promise<void>;
}
interface Screen {
  readonly show: () => Promise<void>;
  // biome-ignore lint/suspicious/noExplicitAny: a client's cache has the shape of its queries
  readonly cached: () => any;
}
interface Example {
  readonly start: (root: Root, options: { url: string; token: () => Promise<string>; other: string }) => Screen;
}

let world: TestWorld;
let server: ReturnType<typeof createHttpServer>;
let url: string;
let dir: string;
const examples = new Map<string, Example>();
const weights = new Map<string, number>();

const bundle = async (name: string): Promise<string> => {
  const outfile = path.join(dir, `${name}.mjs`);
  await build({ ...bundled(name), outfile });
  return outfile;
};

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'assent-examples-'));
  const post = (text: string) => [{ id: 'post-1', text, at: '2020-01-01T00:00:00Z' }];
  world = await createWorld({
    users: [
      { id: 'u1', avatarName: 'Neko', email: 'neko@mail.example', posts: post('mine') },
      { id: 'u2', avatarName: 'Ziggy', email: 'ziggy@mail.example', posts: post('theirs') },
    ],
  });
  server = createHttpServer(world.gateway.fetch);
  url = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}/graphql`;
  for (const name of EXAMPLES) {
    const file = await bundle(name);
    weights.set(name, gzipSync(await readFile(file)).length);
    examples.set(name, await import(pathToFileURL(file).href));
  }
}, 120_000);
afterAll(async () => {
  await server.drain({ delay: 0, limit: 0 });
  await world.close();
  await rm(dir, { recursive: true });
});

const open = (name: string, id = 'u1') => {
  const root: Root = { innerHTML: '' };
  const { start } = examples.get(name) as Example;
  return { root, ...start(root, { url, token: () => world.token(member(id)), other: id === 'u1' ? 'u2' : 'u1' }) };
};
const isOn = ({ innerHTML }: Root, name: string) => innerHTML.includes(`name="${name}" checked`);
const toggle = (root: Root, name: string) => root.onchange?.({ target: { name, checked: !isOn(root, name) } });

describe.each(EXAMPLES)('the example %s', (name) => {
  test('draws the data that the person may see, and a denied field as denied, with its reason', async () => {
    const { root, show } = open(name);
    await show();
    expect(root.innerHTML).toContain('<h1>Neko</h1>');
    expect(root.innerHTML).toContain('<em class="denied" title="NO_CLAUSE">not shown to you (NO_CLAUSE)</em>');
    expect(root.innerHTML).not.toContain('ziggy@mail.example');
  });

  test('keeps the things of two people with like ids apart', async () => {
    const { root, show, cached } = open(name);
    await show();
    await show();
    expect(root.innerHTML).toContain('<ul id="mine"><li>mine</li></ul>');
    expect(root.innerHTML).toContain('<ul id="theirs"><li>theirs</li></ul>');
    const held = cached();
    if (held) expect([held.me.posts[0].text, held.user.posts[0].text]).toEqual(['mine', 'theirs']);
  });

  test('draws a switch that was set, in itself and in the others once they ask again', async () => {
    const screens = EXAMPLES.map((each) => open(each));
    for (const { show } of screens) await show();
    const mine = screens[EXAMPLES.indexOf(name)] as (typeof screens)[number];
    const before = isOn(mine.root, 'friendMessage');
    await toggle(mine.root, 'friendMessage');
    for (const { show } of screens) await show();
    expect(screens.map(({ root }) => isOn(root, 'friendMessage'))).toEqual(EXAMPLES.map(() => !before));
  });

  test('shows the next person to sign in nothing of the one before', async () => {
    await open(name).show();
    const { root, show } = open(name, 'u2');
    await show();
    expect(root.innerHTML).toContain('<h1>Ziggy</h1>');
    expect(root.innerHTML).not.toContain('neko@mail.example');
  });

  test('has the weight that docs/client.md states', () => {
    const [, said] = new RegExp(`^\\| \\[\`${name}\`\\].*\\| ([\\d.]+) kB \\|$`, 'm').exec(PAGE) ?? [];
    expect((weights.get(name) ?? 0) / 1000 / Number(said)).toBeCloseTo(1, 1);
  });
});

test.each([
  'documentsPreferencesQuery',
  'documentsSetMutation',
])('the artifact of Relay’s compiler for %s fits the schema', async (name) => {
  const { default: artifact } = (await import(
    path.join(PROJECT, `examples/relay/__generated__/${name}.graphql.js`)
  )) as {
    default: { params: { text: string } };
  };
  const schema = buildSchema(await readFile(path.join(PROJECT, 'schema.graphql'), 'utf8'));
  expect(validate(schema, parse(artifact.params.text))).toEqual([]);
});
