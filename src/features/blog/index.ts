import type { ThreadSubscription } from '../../subject/subscriptions.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import type { Links } from '../mail/links.ts';
import type { OutgoingMail } from '../mail/operations.ts';
import { BLOG_FOLLOWERS, type BlogOperations, createBlogOperations } from './operations.ts';
import { defineBlog } from './schema.ts';

interface Needs extends Core {
  readonly links: Links;
  readonly mail: OutgoingMail;
}

export const blog = feature({
  operations: (needs: Needs) => ({ blog: createBlogOperations(needs) }),
  fields: defineBlog,
  layout: [
    {
      name: BLOG_FOLLOWERS,
      indexes: [{ key: { thread: 1 } }, { key: { mailbox: 1 } }, { key: { expiresAt: 1 } }],
      shardKey: null,
    },
  ],
  sweeps: (services) => [services.blog.sweep],
});

declare module '../../graphql/builder.ts' {
  interface Objects {
    BlogSubscription: ThreadSubscription;
  }
}

declare module '../../graphql/context.ts' {
  interface Services {
    readonly blog: BlogOperations;
  }
}
