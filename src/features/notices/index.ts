import { feature } from '../feature.ts';
import type { Notice } from './operations.ts';
import { defineNotices } from './schema.ts';

export const notices = feature({ fields: defineNotices });

declare module '../../graphql/builder.ts' {
  interface Objects {
    Notice: Notice;
  }
}
