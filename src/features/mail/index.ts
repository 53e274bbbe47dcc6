import { OUTGOING_MAIL_LAYOUT } from '../../store/mongo/repositories/outgoing-mail.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { createLinks, type Links } from './links.ts';
import { createOutgoingMail, type OutgoingMail } from './operations.ts';

export const mail = feature({
  operations: ({ store, sharedSecret, keys, allowances }: Core) => ({
    mail: createOutgoingMail(store, sharedSecret, keys, allowances),
    links: createLinks(sharedSecret),
  }),
  layout: [OUTGOING_MAIL_LAYOUT],
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly mail: OutgoingMail;
    readonly links: Links;
  }
}
