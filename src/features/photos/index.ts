import type { Photo } from '../../subject/values.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { createPhotoOperations, type PhotoOperations } from './operations.ts';
import { definePhotos } from './schema.ts';

export const photos = feature({
  optional: 'photos',
  operations: ({ changes, vaultOf, ledger }: Core) => ({ photos: createPhotoOperations(changes, vaultOf, ledger) }),
  fields: definePhotos,
});

declare module '../../graphql/builder.ts' {
  interface Objects {
    Photo: Photo;
  }
}

declare module '../../graphql/context.ts' {
  interface Services {
    readonly photos: PhotoOperations;
  }
}
