import { z } from 'zod';
import { parseUrl } from '../base/url.ts';
import { faultsIn, readShape } from '../policy/file-faults.ts';
import { type Fault, isText, type Loose, listOf, mapOf, text } from '../policy/file-parts.ts';
import { expected, expectedOneOf } from '../policy/wording.ts';
import { readYaml } from '../policy/yaml-source.ts';

/** The kinds of caller that an issuer can speak for. */
const KINDS = ['member', 'partner', 'staff'] as const;
export type CallerKind = (typeof KINDS)[number];

/** Every fault of a file of issuers, a line each: `file:line:column path: what was expected`. */
export class IssuersError extends Error {
  override readonly name = 'IssuersError';
}

/** The word in `equal` for the claim that names the client. */
export const CLIENT = 'client';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether keys can be fetched from an address without anybody in between putting in their own. */
const isSafe = (address: string) => {
  const url = parseUrl(address);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname));
};

const keySetUrl = z.string().refine(isSafe, { error: ({ input }) => expected('an https address of a key set', input) });

const texts = z.array(text).min(1);
const words = z.record(z.string(), text);

/** How many seconds clocks may differ at the most: a minute is more than any two that are set have between them. */
const MOST_LEEWAY = 60;

const AUDIENCES = 'the `aud` of tokens, or { claim: ..., anyOf: [...] }';
const Audience = z.union([text, z.strictObject({ claim: text, anyOf: texts })], {
  error: ({ input }) => (input === undefined ? `is missing; expected ${AUDIENCES}` : expected(AUDIENCES, input)),
});

/** One proof that a token is a program's own: all that it names has to hold. */
const OwnToken = z
  .object({ equal: z.tuple([text, text]).optional(), suffix: text.optional(), absent: texts.optional() })
  .catchall(
    z.union([z.string(), z.number(), z.boolean()], {
      error: ({ input }) => expected('the value of the claim: a text, a number, true or false', input),
    }),
  );

const Entry = z.strictObject({
  issuer: text,
  jwks: keySetUrl,
  audience: Audience,
  kinds: z.array(z.enum(KINDS)).min(1),
  types: z
    .array(z.enum(['at+jwt', 'JWT', 'none']))
    .min(1)
    .default(['at+jwt']),
  token: texts.default(['jti']),
  client: texts.optional(),
  clients: texts.optional(),
  scope: z
    .strictObject({ claims: texts, prefix: z.string().default('assent:'), ignoreOthers: z.boolean().default(false) })
    .optional(),
  purpose: z
    .strictObject({
      claim: text.optional(),
      scopePrefix: text.optional(),
      authorizationDetails: text.optional(),
      perClient: words.optional(),
      perRole: words.optional(),
    })
    .optional(),
  appOnly: z.strictObject({ any: z.array(OwnToken).min(1) }).optional(),
  member: z.strictObject({ subject: text.default('sub'), when: z.strictObject({ claim: text, has: text }) }).optional(),
  staff: z.strictObject({ subject: text.default('sub'), role: z.strictObject({ claim: text, map: words }) }).optional(),
  leewaySeconds: z.number().int().min(0).max(MOST_LEEWAY).default(10),
});

const IssuersFile = z.array(Entry).min(1);

/** An identity provider of the file: the kinds of caller that it may speak for, and the mapping of its claims. */
export type IssuerEntry = z.output<typeof Entry>;

/** The words of the policy that the file uses. */
export interface PolicyWords {
  readonly purposes: ReadonlySet<string>;
  readonly roles: readonly string[];
}

/** The mappings that a kind of caller needs to be recognised. */
const NEEDS = {
  member: { member: 'the claim of the person’s id, and when a token is a person’s' },
  partner: {
    client: 'the claims that name the client',
    scope: 'the claims that name categories',
    purpose: 'where the purpose of a token stands',
    appOnly: 'the proof that a token is the program’s own, and no person’s',
  },
  staff: { staff: 'the claim of the role', purpose: 'where the purpose of a token stands' },
} satisfies Readonly<Record<CallerKind, Readonly<Record<string, string>>>>;

type Place = (...path: PropertyKey[]) => PropertyKey[];

function* misfitsOfKinds(entry: Loose, at: Place): Generator<Fault> {
  const kinds = listOf(entry.kinds);
  if (kinds.includes('partner') && kinds.includes('staff'))
    yield { path: at('kinds'), message: 'expected partner or staff; an issuer that makes partners makes no staff' };
  const missing = new Map(KINDS.filter((kind) => kinds.includes(kind)).flatMap((kind) => Object.entries(NEEDS[kind])));
  // a token without a type of its own could be one for signing in, which names no client
  if (listOf(entry.types).some((type) => type !== 'at+jwt')) missing.set('client', NEEDS.partner.client);
  if (entry.clients !== undefined) missing.set('client', NEEDS.partner.client);
  for (const [key, what] of missing)
    if (entry[key] === undefined) yield { path: at(key), message: `is missing; expected ${what}` };
  for (const kind of ['member', 'staff'] as const)
    if (entry[kind] !== undefined && !kinds.includes(kind))
      yield { path: at(kind), message: `expected no such key, since kinds does not have ${kind}` };
}

function* misfitsOfWords(entry: Loose, { purposes, roles }: PolicyWords, at: Place): Generator<Fault> {
  const oneOf = (what: string, right: readonly string[], value: unknown, path: PropertyKey[]): Fault[] =>
    isText(value) && !right.includes(value)
      ? [{ path, message: expectedOneOf(what, `${what}, one of `, value, right) }]
      : [];
  const { perClient, perRole } = mapOf(entry.purpose);
  for (const [key, map] of Object.entries({ perClient, perRole }))
    for (const [word, purpose] of Object.entries(mapOf(map)))
      yield* oneOf('a purpose of the policy', [...purposes], purpose, at('purpose', key, word));
  for (const role of Object.keys(mapOf(perRole)))
    yield* oneOf('a role of the policy', roles, role, at('purpose', 'perRole', role));
  for (const [word, role] of Object.entries(mapOf(mapOf(mapOf(entry.staff).role).map)))
    yield* oneOf('a role of the policy', roles, role, at('staff', 'role', 'map', word));
  const clients = listOf(entry.clients).filter(isText);
  if (clients.length > 0)
    for (const client of Object.keys(mapOf(perClient)))
      yield* oneOf('a client of this issuer', clients, client, at('purpose', 'perClient', client));
}

function* misfitsOfMapping(entry: Loose, at: Place): Generator<Fault> {
  const purpose = mapOf(entry.purpose);
  if (entry.purpose !== undefined && Object.keys(purpose).length === 0)
    yield { path: at('purpose'), message: 'expected claim, scopePrefix, authorizationDetails, perClient or perRole' };
  if (purpose.scopePrefix !== undefined && entry.scope === undefined)
    yield {
      path: at('purpose', 'scopePrefix'),
      message: 'expected scope beside it: the claims with words that begin with it',
    };
  for (const [index, proof] of listOf(mapOf(entry.appOnly).any).map(mapOf).entries()) {
    const { equal, suffix, absent: _, ...claims } = proof;
    const [one, other] = listOf(equal);
    const namesClient = (name: unknown) => name === CLIENT || listOf(entry.client).includes(name);
    if (suffix === undefined && equal !== undefined && (one === other || (namesClient(one) && namesClient(other))))
      yield {
        path: at('appOnly', 'any', index, 'equal'),
        message: 'expected a claim that differs in a person’s token; both of these name the client there too',
      };
    if (equal === undefined && Object.keys(claims).length === 0)
      yield { path: at('appOnly', 'any', index), message: 'expected a claim or equal; an absent claim proves nothing' };
    if (equal === undefined && suffix !== undefined)
      yield { path: at('appOnly', 'any', index, 'suffix'), message: 'expected equal beside it' };
  }
}

/** Two issuers that speak for the same people, staff or partners could each speak in the name of the other's. */
function* misfitsOfNeighbours(entries: readonly Loose[]): Generator<Fault> {
  const seen = { issuers: new Set(), kinds: new Set(), clients: new Set() };
  const makers = entries.filter(({ kinds }) => listOf(kinds).includes('partner')).length;
  for (const [index, { issuer, kinds, clients }] of entries.entries()) {
    if (isText(issuer) && seen.issuers.has(issuer))
      yield { path: [index, 'issuer'], message: 'expected an issuer of its own; it stands above' };
    for (const kind of ['member', 'staff'])
      if (listOf(kinds).includes(kind) && seen.kinds.has(kind))
        yield { path: [index, 'kinds'], message: `expected no ${kind}; an issuer above makes them, and ids would mix` };
    if (makers > 1 && listOf(kinds).includes('partner') && clients === undefined)
      yield {
        path: [index, 'clients'],
        message: 'is missing; expected the clients of this issuer, since there are several',
      };
    for (const [at, client] of listOf(clients).entries())
      if (seen.clients.has(client))
        yield { path: [index, 'clients', at], message: 'expected a client that no issuer above speaks for' };
    seen.issuers.add(issuer);
    for (const kind of listOf(kinds)) seen.kinds.add(kind);
    for (const client of listOf(clients)) seen.clients.add(client);
  }
}

function* misfitsOfIssuers(value: unknown, policyWords: PolicyWords): Generator<Fault> {
  const entries = listOf(value).map(mapOf);
  for (const [index, entry] of entries.entries()) {
    const at: Place = (...path) => [index, ...path];
    yield* misfitsOfKinds(entry, at);
    yield* misfitsOfWords(entry, policyWords, at);
    yield* misfitsOfMapping(entry, at);
  }
  yield* misfitsOfNeighbours(entries);
}

/**
 * Reads the trusted identity providers.
 *
 * @param file  the name of the text in messages
 * @throws {IssuersError} naming every fault by line, column and path, in the order of the lines
 */
export function parseIssuers(yamlText: string, file: string, policyWords: PolicyWords): readonly IssuerEntry[] {
  const yaml = readYaml(yamlText);
  const { data, faults: ofShape } = readShape(IssuersFile, yaml.value);
  const ofNames = yaml.readableTo === null ? [...misfitsOfIssuers(yaml.value, policyWords)] : [];
  const faults = faultsIn(yaml, ofShape, ofNames, file, 'issuers');
  if (faults.length > 0 || !data) throw new IssuersError(faults.join('\n'));
  return data;
}
