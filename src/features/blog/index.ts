import type { OfPerson } from '../../graphql/object-ids.ts';
import { BLOG_FOLLOWERS_LAYOUT } from '../../store/mongo/repositories/blog-followers.ts';
import type { ThreadSubscription } from '../../subject/subscriptions.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import type { Links } from '../mail/links.ts';
import type { OutgoingMail } from '../mail/operations.ts';
import { type BlogOperations, createBlogOperations } from './operations.ts';
import { defineBlog } from './schema.ts';

interface Needs extends Core {
  readonly links: Links;
  readonly mail: OutgoingMail;
}

export const blog = feature({
  optional: 'blog',
  operations: (needs: Needs) => ({ blog: createBlogOperations(needs) }),
  fields: defineBlog,
  layout: [BLOG_FOLLOWERS_LAYOUT],
  sweeps: (services) => [services.blog.sweep],
});

declare module '../../graphql/builder.ts' {
  interface Objects {
    BlogSubscription: OfPerson<ThreadSubscription>;
  }
}

declare module '../../graphql/context.ts' {
  interface Services {
    readonly blog: BlogOperations;
  }
}
