import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { createLinks, type Links } from './links.ts';
import { createOutgoingMail, OUTGOING_MAIL, type OutgoingMail } from './operations.ts';

export const mail = feature({
  operations: ({ store, sharedSecret, keys, allowances }: Core) => ({
    mail: createOutgoingMail(store, sharedSecret, keys, allowances),
    links: createLinks(sharedSecret),
  }),
  layout: [{ name: OUTGOING_MAIL, indexes: [{ key: { queuedAt: 1, _id: 1 } }], shardKey: null }],
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly mail: OutgoingMail;
    readonly links: Links;
  }
}
