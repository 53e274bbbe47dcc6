import { calculateJwkThumbprint, type JWK } from 'jose';
import { badInput } from '../../base/errors.ts';
import { classified, NOTHING_PERSONAL } from '../../enforcement/classification.ts';
import { staffOf } from '../../graphql/callers.ts';
import { nodeIdOf } from '../../graphql/node-id.ts';
import { DENIABLE } from '../../graphql/personal-fields.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import type { ContractMode } from '../../policy/facts.ts';
import type { ContractRecord } from '../../store/mongo/repositories/partners.ts';
import { LENGTHS, textOf } from '../../subject/forms.ts';

const isPartner = (value: unknown) => typeof value === 'object' && value !== null && 'jurisdiction' in value;

export function definePartners(part: SchemaPart): void {
  defineUserFields(part);
  const { builder, enums, nodes } = part;
  nodes.set('Partner', (id, { partners }) => partners.load(id));
  builder.objectType('Partner', {
    description: 'A recipient: a third party that the policy speaks of. Its own policy governs its own sites.',
    extensions: NOTHING_PERSONAL,
    interfaces: ['Node'],
    isTypeOf: isPartner,
    fields: (t) => ({
      id: t.id({
        description: 'For `node(id)`: `Partner:` and the client id.',
        resolve: ({ _id }) => nodeIdOf('Partner', _id),
      }),
      clientId: t.exposeID('_id', { description: 'The client id, which the `sub` of its tokens names.' }),
      name: t.exposeString('name', { description: 'The name.' }),
      kind: t.expose('kind', { type: 'PartnerKind', description: 'The kind of business, by the policy.' }),
      jurisdiction: t.expose('jurisdiction', { type: 'CountryCode', description: 'Where it is established.' }),
      policyUrl: t.expose('policyUrl', { type: 'URL', nullable: true, description: 'Its own privacy policy.' }),
      dpopBoundAccessTokens: t.boolean({
        description: 'Whether its tokens have to be bound to a key (RFC 9449).',
        resolve: ({ dpopBoundAccessTokens }) => dpopBoundAccessTokens === true,
      }),
      keyThumbprints: t.stringList({
        description:
          'The thumbprints (RFC 7638) of the keys on record with which it signs when it asks this gateway for tokens; ' +
          'empty for a partner that gets none here, or has them at `jwksUri`.',
        resolve: ({ keys = [] }) => Promise.all(keys.map((key) => calculateJwkThumbprint(key as JWK))),
      }),
      jwksUri: t.expose('jwksUri', {
        type: 'URL',
        nullable: true,
        description: 'The address of these keys; null for a partner with keys on record, and for one without keys.',
      }),
    }),
  });

  const PartnerInput = builder.inputType('PartnerInput', {
    description: 'A third party, as it is put on record.',
    fields: (t) => ({
      clientId: t.id({ required: true, description: 'The client id; a new one for a new partner.' }),
      name: t.string({ required: true, description: 'The name.' }),
      kind: t.field({
        type: 'PartnerKind',
        required: true,
        description: 'The kind of business, by the policy; it never changes.',
      }),
      jurisdiction: t.field({ type: 'CountryCode', required: true, description: 'Where it is established.' }),
      policyUrl: t.field({ type: 'URL', required: true, description: 'Its own privacy policy, an https address.' }),
      dpopBoundAccessTokens: t.boolean({
        description: 'Whether its tokens have to be bound to a key (RFC 9449); left out, the value on record stays.',
      }),
    }),
  });

  const Mode = enums.ContractMode;
  const AttributeInput = defineAttributeInput(part);
  const ContractInput = builder.inputType('ContractInput', {
    description: 'The contract with a partner.',
    fields: (t) => ({
      ...(AttributeInput && {
        attributes: t.field({
          type: [AttributeInput],
          description:
            'The attributes of the partner that it states; attributes left out are unknown, and nothing follows from them.',
        }),
      }),
      mode: t.field({
        type: Mode,
        description: 'Whether it is there to try things out under; `LIVE` where nothing is said.',
      }),
      from: t.field({ type: 'DateTime', description: 'From when it is in force; unbounded where nothing is said.' }),
      until: t.field({ type: 'DateTime', description: 'Until when; unbounded where nothing is said.' }),
      purposes: t.field({
        type: ['Purpose'],
        required: true,
        description: 'For which purposes; none that is promotional for a partner that works for us.',
      }),
    }),
  });

  builder.mutationFields((t) => {
    const partner = () => t.arg.id({ required: true, description: 'The client id of the partner.' });
    return {
      upsertPartner: t.field({
        type: 'Partner',
        description: 'Legal staff put a partner on record, at first without a contract, or change its record.',
        args: { input: t.arg({ type: PartnerInput, required: true, description: 'The partner.' }) },
        resolve: (_root, { input: { dpopBoundAccessTokens, ...input } }, context) => {
          staffOf(context, 'keepPartners');
          return context.services.partnerRecords.enter({
            ...input,
            name: textOf('input.name', input.name, LENGTHS.line),
            ...(typeof dpopBoundAccessTokens === 'boolean' && { dpopBoundAccessTokens }),
          });
        },
      }),
      setContract: t.field({
        type: 'Partner',
        description:
          'Legal staff put a contract with a partner on file in place of the one before; none where none is given. A ' +
          'promotional purpose for a partner that works for us is refused. It governs every read that starts afterwards.',
        args: {
          partner: partner(),
          contract: t.arg({ type: ContractInput, description: 'The contract; nothing may be seen without one.' }),
        },
        resolve: (_root, { partner: clientId, contract }, context) => {
          staffOf(context, 'keepPartners');
          return context.services.partnerRecords.setContract(clientId, contract ? contractIn(contract) : null);
        },
      }),
      setPartnerKeys: t.field({
        type: 'Partner',
        description:
          'Legal staff put the public keys on record with which a partner signs when it asks this gateway for tokens, in ' +
          'place of those before. The next request for a token counts by them alone; tokens that it has stay good.',
        args: {
          partner: partner(),
          jwks: t.arg.string({
            description:
              'A JSON Web Key Set (RFC 7517) as text, of public keys alone; the partner has none without it.',
          }),
          jwksUri: t.arg({
            type: 'URL',
            description:
              'The https address of such a set, in the place of `jwks`: it is asked when an assertion of the partner comes, ' +
              'and again within minutes.',
          }),
        },
        resolve: (_root, { partner: clientId, jwks, jwksUri }, context) => {
          staffOf(context, 'keepPartners');
          return context.services.partnerRecords.setKeys(clientId, { jwks: jwks ?? null, jwksUri: jwksUri ?? null });
        },
      }),
      suspendPartner: t.field({
        type: 'Partner',
        description: 'Legal staff suspend a partner: from now on none of its tokens is accepted.',
        args: { partner: partner() },
        resolve: (_root, { partner: clientId }, context) => {
          staffOf(context, 'keepPartners');
          return context.services.partnerRecords.setStatus(clientId, 'SUSPENDED');
        },
      }),
      reinstatePartner: t.field({
        type: 'Partner',
        description: 'Legal staff end the suspension of a partner.',
        args: { partner: partner() },
        resolve: (_root, { partner: clientId }, context) => {
          staffOf(context, 'keepPartners');
          return context.services.partnerRecords.setStatus(clientId, 'ACTIVE');
        },
      }),
    };
  });
}

interface AttributeEntry {
  readonly attribute: string;
  readonly holds?: boolean | null | undefined;
  readonly until?: unknown;
}

/** The input for the attributes that a contract says of a partner; null where no version of the policy has any. */
function defineAttributeInput({ builder, policies }: SchemaPart) {
  const attributes = new Map(policies.flatMap(({ recipientAttributes }) => recipientAttributes).map((a) => [a.id, a]));
  if (attributes.size === 0) return null;
  const Attribute = builder.enumType('RecipientAttribute', {
    description: 'An attribute that a contract can state of a partner, as the policy names it.',
    values: Object.fromEntries([...attributes.values()].map(({ id, says }) => [id, { description: says }])),
  });
  return builder.inputRef<AttributeEntry>('RecipientAttributeInput').implement({
    description: 'One thing that a contract says of a partner: either `holds` or `until`.',
    fields: (t) => ({
      attribute: t.field({ type: Attribute, required: true, description: 'The attribute; each once.' }),
      holds: t.boolean({ description: 'Whether it holds.' }),
      until: t.field({ type: 'DateTime', description: 'Until when it holds; that instant is after the last.' }),
    }),
  });
}

/** @throws {ApiError} BAD_INPUT for an attribute that is given twice, or given neither or both of its values */
function attributesIn(entries: readonly AttributeEntry[]): Record<string, boolean | Date> {
  const found = new Map<string, boolean | Date>();
  for (const [index, { attribute, holds, until }] of entries.entries()) {
    const place = `contract.attributes.${index}`;
    if (found.has(attribute)) throw badInput(`${place}.attribute`, 'an attribute that is not given before');
    if ((holds == null) === (until == null)) throw badInput(place, 'either `holds` or `until`');
    found.set(attribute, (holds ?? until) as boolean | Date);
  }
  return Object.fromEntries(found);
}

interface ContractEntry {
  readonly mode?: ContractMode | null | undefined;
  readonly from?: unknown;
  readonly until?: unknown;
  readonly purposes: readonly string[];
  readonly attributes?: readonly AttributeEntry[] | null | undefined;
}

const contractIn = ({ mode, from, until, purposes, attributes }: ContractEntry): ContractRecord => ({
  mode: mode ?? 'LIVE',
  from: (from ?? null) as Date | null,
  until: (until ?? null) as Date | null,
  purposes: [...purposes],
  ...(attributes && { attributes: attributesIn(attributes) }),
});

/** The fields of `User` that belong to this feature, and their types. */
function defineUserFields({ builder }: SchemaPart): void {
  builder.objectFields('User', (t) => ({
    partnerId: t.id({
      nullable: true,
      description:
        'The id by which a partner knows this person, for the person’s own client to hand over. ' +
        `It means nothing to any other partner. ${DENIABLE}`,
      extensions: classified('ACCOUNT'),
      args: { clientId: t.arg.id({ required: true, description: 'The client id of the partner.' }) },
      resolve: async (subject, { clientId }, { partners, services }) => {
        const { person } = subject.reveal('ACCOUNT');
        const partner = await partners.load(clientId);
        return partner && services.pseudonymsOf(clientId).of(person._id);
      },
    }),
  }));
}
