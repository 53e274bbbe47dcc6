import { NOTHING_PERSONAL } from '../../enforcement/classification.ts';
import { nodeIdOf } from '../../graphql/node-id.ts';
import type { SchemaPart } from '../../graphql/refs.ts';

const isPartner = (value: unknown) => typeof value === 'object' && value !== null && 'jurisdiction' in value;

export function definePartners({ builder, refs }: SchemaPart): void {
  builder.objectType(refs.Partner, {
    description:
      'A recipient: a third party that the policy speaks of. What it does on its own sites is its own policy’s.',
    extensions: NOTHING_PERSONAL,
    interfaces: [refs.Node],
    isTypeOf: isPartner,
    fields: (t) => ({
      id: t.id({
        description: 'For `node(id)`: `Partner:` and the client id.',
        resolve: ({ _id }) => nodeIdOf('Partner', _id),
      }),
      clientId: t.exposeID('_id', { description: 'The client id, which the `sub` of its tokens names.' }),
      name: t.exposeString('name', { description: 'What it is called.' }),
      kind: t.expose('kind', { type: 'PartnerKind', description: 'What it does.' }),
      jurisdiction: t.expose('jurisdiction', { type: 'CountryCode', description: 'Where it is established.' }),
      policyUrl: t.expose('policyUrl', { type: 'URL', nullable: true, description: 'Its own privacy policy.' }),
    }),
  });
}
