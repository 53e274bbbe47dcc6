import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { type IssuerEntry, IssuersError, parseIssuers } from '../../../src/http/issuers-file.ts';
import { mapClaims } from '../../../src/http/token-mapping.ts';
import { documentedIssuers, filesOn, PAGES, type Part, POLICY_WORDS } from '../../support/issuers.ts';
import { SHAPES } from './shapes.ts';

let entries: readonly IssuerEntry[];
let files: readonly string[];
beforeAll(async () => {
  entries = await documentedIssuers();
  files = (await Promise.all(PAGES.map(filesOn))).flat();
});

const words = fc.constantFrom(
  'person:me',
  'person.me',
  'people',
  'assent:name',
  'purpose:targeted-offers',
  'Support.Desk',
);
const value = fc.oneof(
  fc.constantFrom('offerly', 'offerly@clients', 'app', 'access', '', null, undefined, 1),
  fc.array(words),
  fc.array(words).map((list) => list.join(' ')),
  fc.array(words).map((roles) => ({ roles })),
);
/** The claims that tell people and programs apart, and those that state a purpose. */
const CLAIMS = ['client_id', 'azp', 'cid', 'sub', 'uid', 'sid', 'username', 'idtyp', 'token_use', 'jti'];
const LISTS = ['scope', 'scp', 'roles', 'cognito:groups', 'realm_access', 'purpose', 'authorization_details'];
const changes = fc.dictionary(fc.constantFrom(...CLAIMS, ...LISTS), value, { maxKeys: 4 });

test('a mapping makes of any token one kind that its issuer may speak for, or nothing', () => {
  let partners = 0;
  fc.assert(
    fc.property(fc.constantFrom(...SHAPES), changes, ({ claims }, change) => {
      const entry = entries.find(({ issuer }) => issuer === claims.iss);
      if (!entry) return;
      const payload: Part = { ...claims, ...change };
      const mapped = mapClaims(entry, payload, 'digest');
      if ('misfit' in mapped) return;
      const { kind, sub } = mapped.claims;
      expect(entry.kinds).toContain(kind);
      if (kind !== 'partner') return;
      partners++;
      expect(entry.client?.map((claim) => payload[claim])).toContain(sub);
      const [proof] = entry.appOnly?.any ?? [];
      expect(proof?.absent?.filter((claim) => payload[claim] !== undefined) ?? []).toEqual([]);
      const sign = entry.member?.when;
      const said = [payload[sign?.claim ?? '']].flat();
      expect(said.flatMap((text) => String(text).split(' '))).not.toContain(sign?.has);
    }),
    { numRuns: 5_000 },
  );
  expect(partners).toBeGreaterThan(200);
});

test.each([
  { client: 'our-app', mapped: { claims: expect.objectContaining({ kind: 'member', sub: 'u1' }) } },
  { client: 'third-party', mapped: { misfit: 'its issuer does not speak for this client' } },
])('a person’s token counts where the client $client is on the list of its issuer', ({ client, mapped }) => {
  const [entry] = parseIssuers(
    `- issuer: https://people.example
  jwks: https://people.example/keys
  audience: assent
  kinds: [member]
  client: [azp]
  clients: [our-app]
  member: { when: { claim: groups, has: people } }
`,
    'issuers.yaml',
    POLICY_WORDS,
  );
  const payload = { azp: client, sub: 'u1', groups: ['people'], jti: 'token', iat: 1, exp: 2 };
  expect(mapClaims(entry as IssuerEntry, payload, 'digest')).toEqual(mapped);
});

test('any file of issuers is read, or its faults are told', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.nat({ max: 40 }), fc.string(), (which, at, drop, insert) => {
      const file = files[which % files.length] as string;
      const from = at % file.length;
      const spoilt = file.slice(0, from) + insert + file.slice(from + drop);
      try {
        parseIssuers(spoilt, 'issuers.yaml', POLICY_WORDS);
      } catch (error) {
        expect(error).toBeInstanceOf(IssuersError);
        expect((error as Error).message).toMatch(/^issuers\.yaml:\d+:\d+ /);
      }
    }),
    { numRuns: 1_000 },
  );
});
