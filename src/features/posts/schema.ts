import { rateLimited } from '../../base/errors.ts';
import { classified, PART_OF_VALUE } from '../../enforcement/classification.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { adopt } from '../../graphql/adopt.ts';
import { textArgument } from '../../graphql/arguments.ts';
import { activeSelfOf, selfOf } from '../../graphql/callers.ts';
import { defineConnection, type ItemPlace, newestFirst, pageOf, paging } from '../../graphql/connections.ts';
import { DENIABLE, newest, newestWanted } from '../../graphql/personal-fields.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { NULL_ONLY_BY_ERROR } from '../../graphql/semantic-nullability.ts';
import type { Subject } from '../../subject/subject.ts';
import { idempotencyKey, once } from '../idempotency/schema.ts';
import { POSTS_A_DAY, type Submitted } from './operations.ts';

export function definePosts(part: SchemaPart): void {
  defineUserFields(part);
  const { builder, enums } = part;
  const Payload = builder.objectRef<Submitted & { readonly user: Subject }>('SubmitPostPayload');
  builder.objectType(Payload, {
    description: 'A post that other members can read now.',
    fields: (t) => ({
      user: t.expose('user', { type: 'User', description: 'The person, decided anew.' }),
      post: t.expose('post', { type: 'Post', description: 'The post.' }),
      warnings: t.field({
        type: [enums.DataCategory],
        description:
          'Kinds of the writer’s own contact data that it seems to hold, which every reader can use. A guess: the post ' +
          'stands either way, and can be taken back.',
        resolve: ({ warnings }) => warnings,
      }),
    }),
  });

  builder.mutationFields((t) => ({
    submitPost: t.field({
      type: Payload,
      description:
        'The signed-in person writes in a chat room, blog or board. Other members can read it. Beyond ' +
        `${POSTS_A_DAY.most} posts a day it is \`RATE_LIMITED\`.`,
      args: {
        forum: t.arg.string({ required: true, description: 'The room, blog or board, up to 200 characters.' }),
        text: t.arg.string({ required: true, description: 'The text, up to 10,000 characters.' }),
        ...idempotencyKey(t.arg),
      },
      resolve: async (_root, args, context, info) => {
        const { sid, person } = activeSelfOf(context);
        const post = { forum: textArgument('forum', args.forum, 200), text: textArgument('text', args.text, 10_000) };
        const { content, services, subjects } = context;
        const { allowances, blog, posts } = services;
        const submitted = await once(context, info, args, async (making) => {
          if (!making.made && !(await allowances.take(POSTS_A_DAY, sid)))
            throw rateLimited(`More than ${POSTS_A_DAY.most} posts of one person in a day.`);
          const made = await posts.submit(person, post, making);
          if (!making.made) await blog.tellFollowers(post.forum);
          return made;
        });
        content.forgetPosts();
        return { user: await subjects.adopt(person), ...submitted };
      },
    }),
    removePosts: t.field({
      type: 'User',
      description:
        'Takes posts of the signed-in person back. One that is gone already is no error. Partners that were shown posts ' +
        'are told to erase them.',
      extensions: notUse(),
      args: { ids: t.arg.idList({ required: true, description: 'The ids of the posts.' }) },
      resolve: async (_root, { ids }, context) => {
        const removed = await context.services.posts.remove(selfOf(context).sid, ids);
        context.content.forgetPosts();
        return adopt(context, removed);
      },
    }),
  }));
}

/** The fields of `User` that belong to this feature, and their types. */
function defineUserFields({ builder }: SchemaPart): void {
  builder.objectType('Post', {
    description: 'Something written where other people read it.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id among the posts of its writer.' }),
      forum: t.exposeString('forum', { nullable: true, description: 'The room, blog or board.' }),
      text: t.exposeString('text', { nullable: true, description: 'The text.' }),
      at: t.expose('at', { type: 'DateTime', description: 'When it was written.' }),
    }),
  });
  const Pages = defineConnection(builder, 'Post', 'Something written where other people read it');
  builder.objectFields('User', (t) => ({
    posts: t.field({
      type: ['Post'],
      nullable: true,
      description: `The person’s posts in chat rooms, blogs and boards, newest first. ${DENIABLE}`,
      extensions: classified('POSTS'),
      args: newest(t),
      resolve: async (subject, { first }, { content }) => {
        const limit = newestWanted(first);
        return content.posts(subject.reveal('POSTS'), limit);
      },
    }),
    postsConnection: t.field({
      type: Pages,
      nullable: true,
      description: `The same as \`posts\`, in pages. ${DENIABLE}`,
      extensions: { ...classified('POSTS'), ...NULL_ONLY_BY_ERROR },
      args: paging(t),
      resolve: (subject, args, { content, listCursors }) => {
        const home = subject.reveal('POSTS');
        const positions = listCursors<ItemPlace>('posts', subject.sid);
        return pageOf(
          args,
          newestFirst(positions, (count, after) => content.posts(home, count, after)),
        );
      },
    }),
  }));
}
