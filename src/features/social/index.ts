import type { OfPerson } from '../../graphql/object-ids.ts';
import type { SocialLink } from '../../subject/ties.ts';
import type { Activity } from '../../subject/values.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import type { Counterparts } from '../partners/counterparts.ts';
import { createSocialOperations, type SocialOperations } from './operations.ts';
import { defineSocial } from './schema.ts';

export const social = feature({
  optional: 'social',
  operations: (needs: Core & { readonly counterparts: Counterparts }) => ({
    social: createSocialOperations({ ...needs, policy: needs.table.current }),
  }),
  fields: defineSocial,
});

declare module '../../graphql/builder.ts' {
  interface Objects {
    Activity: Activity;
    SocialLink: OfPerson<SocialLink>;
  }
}

declare module '../../graphql/context.ts' {
  interface Services {
    readonly social: SocialOperations;
  }
}
