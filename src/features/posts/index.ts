import type { Post } from '../../subject/content.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { createPostOperations, type PostOperations } from './operations.ts';
import { definePosts } from './schema.ts';

export const posts = feature({
  optional: 'posts',
  operations: ({ store, vaultOf, changes, table }: Core) => ({
    posts: createPostOperations(store, vaultOf, changes, table.retention),
  }),
  fields: definePosts,
});

declare module '../../graphql/builder.ts' {
  interface Objects {
    Post: Post;
  }
}

declare module '../../graphql/context.ts' {
  interface Services {
    readonly posts: PostOperations;
  }
}
