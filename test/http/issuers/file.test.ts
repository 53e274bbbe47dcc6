import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { IssuersError, parseIssuers } from '../../../src/http/issuers-file.ts';
import { readConfig } from '../../../src/process/config.ts';
import { openProvider } from '../../../src/process/provider.ts';
import { filesOn, PAGES, POLICY_WORDS } from '../../support/issuers.ts';
import { referenceTable } from '../../support/policy.ts';

const GOOD = `- issuer: https://id.example
  jwks: https://id.example/keys
  audience: assent
  kinds: [partner]
  client: [client_id]
  scope: { claims: [scope] }
  purpose: { claim: purpose }
  appOnly: { any: [{ equal: [sub, client] }] }
`;
const OF_PEOPLE = `- issuer: https://people.example
  jwks: https://people.example/keys
  audience: assent
  kinds: [member]
  member: { when: { claim: groups, has: people } }
`;
const OF_STAFF = `- issuer: https://staff.example
  jwks: https://staff.example/keys
  audience: assent
  kinds: [staff]
  staff: { role: { claim: roles, map: { Officer: privacy } } }
  purpose: { perRole: { privacy: privacy-request } }
`;

const read = (text: string) => parseIssuers(text, 'issuers.yaml', POLICY_WORDS);
const faultsOf = (text: string): string[] => {
  try {
    read(text);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(IssuersError);
    return (error as Error).message.split('\n');
  }
};

describe('a file of issuers is read', () => {
  test('with defaults for the keys left out', () => {
    expect(read(GOOD)[0]).toMatchObject({
      types: ['at+jwt'],
      token: ['jti'],
      scope: { claims: ['scope'], prefix: 'assent:', ignoreOthers: false },
      leewaySeconds: 10,
    });
  });

  test('with an issuer for each kind of caller', () => {
    expect(read(GOOD + OF_PEOPLE + OF_STAFF).map(({ kinds }) => kinds)).toEqual([['partner'], ['member'], ['staff']]);
  });

  test.each(PAGES)('as the page of %s has it', async (page) => {
    const files = await filesOn(page);
    expect(files.map(faultsOf)).toEqual(files.map(() => []));
  });

  test('as docs/tokens.md has it', async () => {
    const page = await readFile(new URL('../../../docs/tokens.md', import.meta.url), 'utf8');
    const [, file = ''] = /names a file that says.*?```yaml\n(.*?)```/s.exec(page) ?? [];
    expect(read(file)).toHaveLength(1);
  });
});

describe('a file of issuers has a fault', () => {
  const changed = (from: string, to: string) => GOOD.replace(from, to);
  test.each([
    { name: 'no list', file: 'issuer: x', fault: 'issuers.yaml:1:1 issuers: expected a list, not a map' },
    { name: 'nothing', file: '', fault: 'issuers.yaml:1:1 issuers: expected a list, not nothing' },
    {
      name: 'a key that is not there',
      file: changed('audience:', 'audiance:'),
      fault: 'issuers.yaml:3:3 [0].audiance: expected no such key; did you mean audience?',
      missing:
        'issuers.yaml:1:3 [0].audience: is missing; expected the `aud` of tokens, or { claim: ..., anyOf: [...] }',
    },
    {
      name: 'another kind of caller',
      file: changed('[partner]', '[parner]'),
      fault: 'issuers.yaml:4:11 [0].kinds[0]: expected another word, not "parner"; did you mean partner?',
    },
    {
      name: 'another type',
      file: `${GOOD}  types: [jwt]`,
      fault: 'issuers.yaml:9:11 [0].types[0]: expected another word, not "jwt"; did you mean JWT?',
    },
    {
      name: 'keys that come over an open line',
      file: changed('https://id.example/keys', 'http://id.example/keys'),
      fault: 'issuers.yaml:2:3 [0].jwks: expected an https address of a key set, not "http://id.example/keys"',
    },
    {
      name: 'an audience of no form',
      file: changed('audience: assent', 'audience: { claim: client_id }'),
      fault: 'issuers.yaml:3:3 [0].audience: expected the `aud` of tokens, or { claim: ..., anyOf: [...] }, not a map',
    },
    {
      name: 'partners and staff of one issuer',
      file: `${changed('[partner]', '[partner, staff]')}  staff: { role: { claim: roles, map: { a: privacy } } }`,
      fault: 'issuers.yaml:4:3 [0].kinds: expected partner or staff; an issuer that makes partners makes no staff',
    },
    {
      name: 'partners without a proof that a token is a program’s own',
      file: changed('  appOnly: { any: [{ equal: [sub, client] }] }\n', ''),
      fault:
        'issuers.yaml:1:3 [0].appOnly: is missing; expected the proof that a token is the program’s own, and no person’s',
    },
    {
      name: 'tokens without a type of their own that may name no client',
      file: `${OF_PEOPLE}  types: [JWT]`,
      fault: 'issuers.yaml:1:3 [0].client: is missing; expected the claims that name the client',
    },
    {
      name: 'a proof by absence alone',
      file: changed('{ equal: [sub, client] }', '{ absent: [sid] }'),
      fault: 'issuers.yaml:8:20 [0].appOnly.any[0]: expected a claim or equal; an absent claim proves nothing',
    },
    {
      name: 'a proof that holds of every token',
      file: changed('{ equal: [sub, client] }', '{ equal: [azp, client] }').replace('client: [', 'client: [azp, '),
      fault:
        'issuers.yaml:8:22 [0].appOnly.any[0].equal: expected a claim that differs in a person’s token; both of these name the client there too',
    },
    {
      name: 'clients that no claim names',
      file: `${OF_PEOPLE}  clients: [app]`,
      fault: 'issuers.yaml:1:3 [0].client: is missing; expected the claims that name the client',
    },
    {
      name: 'a suffix of nothing',
      file: changed('{ equal: [sub, client] }', '{ gty: x, suffix: y }'),
      fault: 'issuers.yaml:8:30 [0].appOnly.any[0].suffix: expected equal beside it',
    },
    {
      name: 'a claim with a list as its value',
      file: changed('{ equal: [sub, client] }', '{ gty: [x] }'),
      fault:
        'issuers.yaml:8:22 [0].appOnly.any[0].gty: expected the value of the claim: a text, a number, true or false, not a list',
    },
    {
      name: 'how people are told, where it makes none',
      file: `${GOOD}  member: { when: { claim: groups, has: people } }`,
      fault: 'issuers.yaml:9:3 [0].member: expected no such key, since kinds does not have member',
    },
    {
      name: 'people without a sign of them',
      file: OF_PEOPLE.replace(/ {2}member: .*\n/, ''),
      fault:
        'issuers.yaml:1:3 [0].member: is missing; expected the claim of the person’s id, and when a token is a person’s',
    },
    {
      name: 'a purpose of nowhere',
      file: changed('{ claim: purpose }', '{}'),
      fault: 'issuers.yaml:7:3 [0].purpose: expected claim, scopePrefix, authorizationDetails, perClient or perRole',
    },
    {
      name: 'a purpose that the policy does not know',
      file: changed('{ claim: purpose }', '{ perClient: { offerly: targeted-offer } }'),
      fault:
        'issuers.yaml:7:27 [0].purpose.perClient.offerly: expected a purpose of the policy, not "targeted-offer"; did you mean targeted-offers?',
    },
    {
      name: 'a client that it does not speak for',
      file: `${changed('{ claim: purpose }', '{ perClient: { oferly: targeted-offers } }')}  clients: [offerly]`,
      fault:
        'issuers.yaml:7:27 [0].purpose.perClient.oferly: expected a client of this issuer, not "oferly"; did you mean offerly?',
    },
    {
      name: 'a role that the policy does not know',
      file: OF_STAFF.replace('Officer: privacy', 'Officer: privcy'),
      fault:
        'issuers.yaml:5:41 [0].staff.role.map.Officer: expected a role of the policy, not "privcy"; did you mean privacy?',
    },
    {
      name: 'clocks that differ by an hour',
      file: `${GOOD}  leewaySeconds: 3600`,
      fault: 'issuers.yaml:9:3 [0].leewaySeconds: expected 60 or less, not 3600',
    },
    {
      name: 'one issuer twice',
      file: `${OF_STAFF}${OF_PEOPLE.replace('https://people.example\n', 'https://staff.example\n')}`,
      fault: 'issuers.yaml:7:3 [1].issuer: expected an issuer of its own; it stands above',
    },
    {
      name: 'people of two issuers',
      file: `${OF_PEOPLE}${OF_PEOPLE.replaceAll('people.example', 'others.example')}`,
      fault: 'issuers.yaml:9:3 [1].kinds: expected no member; an issuer above makes them, and ids would mix',
    },
    {
      name: 'staff of two issuers',
      file: `${OF_STAFF}${OF_STAFF.replaceAll('staff.example', 'others.example')}`,
      fault: 'issuers.yaml:10:3 [1].kinds: expected no staff; an issuer above makes them, and ids would mix',
    },
    {
      name: 'one client of two issuers',
      file: `${GOOD}  clients: [a, b]\n${GOOD.replaceAll('id.example', 'others.example')}  clients: [b]\n`,
      fault: 'issuers.yaml:18:13 [1].clients[0]: expected a client that no issuer above speaks for',
    },
  ])('$name', ({ file, fault, missing = [] }) => {
    expect(faultsOf(file)).toEqual([missing, fault].flat());
  });

  test('partners of two issuers, without their clients', () => {
    const missing = 'is missing; expected the clients of this issuer, since there are several';
    expect(faultsOf(GOOD + GOOD.replaceAll('id.example', 'others.example'))).toEqual([
      `issuers.yaml:1:3 [0].clients: ${missing}`,
      `issuers.yaml:9:3 [1].clients: ${missing}`,
    ]);
  });

  test('all of them at once, in the order of the lines', () => {
    const file = GOOD.replace('https://id.example/keys', 'keys')
      .replace('[client_id]', '[]')
      .replace('{ claims: [scope] }', '{ claim: [scope] }');
    expect(faultsOf(file).map((fault) => fault.split(' ')[0])).toEqual([
      'issuers.yaml:2:3',
      'issuers.yaml:5:3',
      'issuers.yaml:6:3',
      'issuers.yaml:6:12',
    ]);
  });

  test('and a text that is no YAML is told as such', () => {
    expect(faultsOf('- issuer: "x')[0]).toBe('issuers.yaml:1:11 expected the closing "');
  });
});

describe('the environment names a file of issuers', () => {
  const PRODUCTION = { NODE_ENV: 'production', MONGODB_URI: 'mongodb://x', KEY_ENCRYPTION_KEY: 'A'.repeat(43) };

  test('in the place of one key set, in production too', () => {
    expect(readConfig({ ...PRODUCTION, AUTH_ISSUERS: 'issuers.yaml' }).auth.issuersFile).toBe('issuers.yaml');
    expect(() => readConfig(PRODUCTION)).toThrow('AUTH_JWKS_URL: expected, when NODE_ENV is production');
  });

  test.each([
    { AUTH_ISSUER: 'https://id.example' },
    { AUTH_AUDIENCE: 'assent' },
    { AUTH_JWKS_URL: 'https://id.example/keys' },
  ])('and not beside the short form of one: %o', (short) => {
    expect(() => readConfig({ AUTH_ISSUERS: 'issuers.yaml', ...short })).toThrow(
      `${Object.keys(short)}: expected none beside AUTH_ISSUERS: its file says it`,
    );
  });

  describe('which is read at the start', () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'assent-issuers-'));
    });
    afterAll(() => rm(folder, { recursive: true }));
    const open = async (text: string, env: Readonly<Record<string, string>> = {}) => {
      const file = path.join(folder, 'issuers.yaml');
      await writeFile(file, text);
      return openProvider(readConfig({ AUTH_ISSUERS: file, ...env }), referenceTable);
    };

    test('and then this gateway signs nothing', async () => {
      const { signer, auth } = await open(GOOD + OF_PEOPLE);
      expect([signer, auth.jwks, auth.issuers.map(({ issuer }) => issuer)]).toEqual([
        null,
        null,
        ['https://id.example', 'https://people.example'],
      ]);
    });

    test('and faults in it stop it', async () => {
      await expect(open(GOOD.replace('jwks', 'jwk'))).rejects.toThrow('[0].jwk: expected no such key');
      await expect(openProvider(readConfig({ AUTH_ISSUERS: '/nowhere.yaml' }), referenceTable)).rejects.toThrow(
        '/nowhere.yaml: expected a file of issuers that can be read',
      );
    });

    test('and has no issuer of the name under which this gateway gives tokens itself', async () => {
      const own = { TOKEN_ENDPOINT: 'on', PUBLIC_URL: 'https://id.example' };
      await expect(open(GOOD, own)).rejects.toThrow('expected no issuer with the address of PUBLIC_URL');
      expect((await open(GOOD, { ...own, PUBLIC_URL: 'https://gateway.example' })).auth.issuers).toHaveLength(1);
    });
  });
});
