import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { holdsCardNumber } from '../../src/enforcement/card-numbers.ts';
import { findContactData } from '../../src/features/posts/contact-data.ts';
import { createWorld, member, partner, type TestWorld } from '../support/world.ts';

let world: TestWorld;
const self = member('u1');
const other = member('u2');

beforeEach(async () => {
  await world?.close();
  world = await createWorld({
    users: [
      {
        id: 'u1',
        avatarName: 'Neko',
        name: 'Nia Ko',
        email: 'neko@example.com',
        cellPhone: '+1 202 555 0143',
        postalAddress: { street: '12 Quill Row', city: 'Larkmoor', postalCode: 'LM7 4QX', country: 'US' },
        photos: [
          { id: 'a', url: 'https://example.org/a.jpg' },
          { id: 'b', url: 'https://example.org/b.jpg' },
        ],
      },
      { id: 'u2', avatarName: 'Ziggy' },
      { id: 'u3', avatarName: 'Grimm', status: 'REFUSED' },
    ],
    partners: [
      {
        clientId: 'mail',
        name: 'Mail',
        kind: 'EMAIL_PROVIDER',
        jurisdiction: 'US',
        contract: { purposes: ['service-notice'] },
      },
    ],
  });
});
afterAll(() => world.close());

const photosSeenBy = async (caller: typeof self | null) => {
  const { data } = await world.ask(caller, '{ user(id: "u1") { photos { id caption } } }');
  return data.user.photos;
};
const ADD = 'mutation ($url: URL!, $caption: String) { addPhoto(url: $url, caption: $caption) { photos { caption } } }';
const REMOVE = 'mutation ($ids: [ID!], $all: Boolean) { removePhotos(ids: $ids, all: $all) { photos { id } } }';

describe('photos.visibility: photos are for members', () => {
  test('an uploaded photo is seen by other members on the next read, and by nobody else', async () => {
    const { errors } = await world.ask(self, ADD, { url: 'https://example.org/c.jpg', caption: 'New room' });
    expect(errors).toEqual([]);
    expect(await photosSeenBy(other)).toHaveLength(3);
    expect(await photosSeenBy(null)).toBeNull();
    expect(await photosSeenBy(member('u3'))).toBeNull();
    const mail = partner('mail', 'service-notice', 'photos name');
    const { errors: denials } = await world.ask(mail, '{ users { edges { node { photos { id } } } } }');
    for (const { extensions } of denials) expect(extensions).toMatchObject({ category: 'PHOTOS', reason: 'NO_CLAUSE' });
  });

  test.each([
    { name: 'no address', variables: { url: 'not an address' }, argument: 'url' },
    { name: 'the address of a script', variables: { url: 'javascript:alert(1)' }, argument: 'url' },
    {
      name: 'a caption without end',
      variables: { url: 'https://example.org/c.jpg', caption: 'x'.repeat(1_001) },
      argument: 'caption',
    },
  ])('a photo with $name is refused by name', async ({ variables, argument }) => {
    const { errors } = await world.ask(self, ADD, variables);
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument });
    expect(JSON.stringify(errors)).not.toContain('not an address');
  });
});

describe('photos.removal: one by one or as a group', () => {
  test.each([
    { name: 'one', ids: ['a'], left: ['b'] },
    { name: 'a group', ids: ['a', 'b'], left: [] },
    { name: 'all of them', all: true, left: [] },
    { name: 'one that is not there', ids: ['nothing'], left: ['a', 'b'] },
  ])('removing $name is gone on the next read, everywhere', async ({ left, ...named }) => {
    expect((await world.ask(self, REMOVE, named)).errors).toEqual([]);
    const idsSeen = async (caller: typeof self) => (await photosSeenBy(caller)).map(({ id }: { id: string }) => id);
    expect(await idsSeen(other)).toEqual(left);
    expect(await idsSeen(self)).toEqual(left);
  });

  test.each([
    { name: 'a variable that the client left out', named: {} },
    { name: 'null', named: { ids: null } },
    { name: 'all of none', named: { all: false } },
    { name: 'both ids and all', named: { ids: ['a'], all: true } },
  ])('$name removes nothing', async ({ named }) => {
    const { errors } = await world.ask(self, REMOVE, named);
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'ids' });
    expect(await photosSeenBy(self)).toHaveLength(2);
  });

  test('nobody removes another person’s photos', async () => {
    await world.ask(other, REMOVE, { ids: ['a'] });
    expect(await photosSeenBy(other)).toHaveLength(2);
    expect((await world.ask(null, REMOVE, { ids: ['a'] })).errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('forums.public: posts are read by members, at the writer’s own risk', () => {
  const POST = 'mutation ($text: String!) { submitPost(forum: "Lobby", text: $text) { post { id text } warnings } }';
  const READ = '{ user(id: "u1") { posts { id forum text } } }';

  test('a post is read by members on the next read, not by visitors, and can be taken back', async () => {
    const { data } = await world.ask(self, POST, { text: 'Hello all' });
    expect(data.submitPost).toMatchObject({ post: { text: 'Hello all' }, warnings: [] });
    const { id } = data.submitPost.post;
    expect((await world.ask(other, READ)).data.user.posts).toEqual([{ id, forum: 'Lobby', text: 'Hello all' }]);
    expect((await world.ask(null, READ)).data.user.posts).toBeNull();
    await world.ask(self, 'mutation ($ids: [ID!]!) { removePosts(ids: $ids) { id } }', { ids: [id] });
    expect((await world.ask(other, READ)).data.user.posts).toEqual([]);
  });

  test('a post with the writer’s own contact data stands, with a warning', async () => {
    const { data } = await world.ask(self, POST, { text: 'I am Nia Ko, write to neko@example.com' });
    expect(data.submitPost.warnings).toEqual(['EMAIL', 'NAME']);
  });

  test('an account that is closed to use writes nothing', async () => {
    const { errors } = await world.ask(member('u3'), POST, { text: 'Hello' });
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
  });

  const own = {
    NAME: 'Nia Ko',
    EMAIL: 'neko@example.com',
    CELL_PHONE: '+1 202 555 0143',
    POSTAL_ADDRESS: { street: '12 Quill Row', postalCode: 'LM7 4QX' },
  };
  test.each([
    { text: 'we dance tonight at 8', found: [] },
    { text: 'mail someone@else.example', found: ['EMAIL'] },
    { text: 'call 202-555-0199', found: ['CELL_PHONE'] },
    { text: 'call (202) 555 0143 after six', found: ['CELL_PHONE'] },
    { text: 'the year 2026 had 365 days', found: [] },
    { text: 'nia ko is my name', found: ['NAME'] },
    { text: 'I live at 12 Quill Row.', found: ['POSTAL_ADDRESS'] },
    { text: 'a koala', found: [] },
  ])('"$text" is warned of as $found', ({ text, found }) => {
    expect(findContactData(text, own)).toEqual(found);
  });
});

describe('security.card: the number of a card never gets in', () => {
  const NUMBERS = ['4242424242424242', '4242 4242 4242 4242', '5555-5555-5555-4444', '378282246310005'];

  test.each(NUMBERS)('%s is refused wherever it stands, and never repeated', async (number) => {
    const POST = 'mutation ($text: String!) { submitPost(forum: "Lobby", text: $text) { post { id } } }';
    const text = `my card is ${number}, thanks`;
    for (const answer of [
      await world.ask(self, POST, { text }),
      await world.ask(self, `mutation { submitPost(forum: "Lobby", text: "${text}") { post { id } } }`),
      await world.ask(null, '{ user(avatarName: $name) { id } }'.replace('{', 'query ($name: String) {'), {
        name: number,
      }),
    ]) {
      expect(answer.data).toBeUndefined();
      expect(answer.errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT' });
      expect(JSON.stringify(answer.errors)).not.toContain(number);
    }
    expect((await world.ask(other, '{ user(id: "u1") { posts { id } } }')).data.user.posts).toEqual([]);
  });

  test.each([
    { text: '4242424242424241', held: false, why: 'the check digit is wrong' },
    { text: '42424242', held: false, why: 'it is too short' },
    { text: 'x42424242424242421234', held: false, why: 'it is too long' },
    { text: '2014-09-12T00:00:00.000Z', held: false, why: 'it is a time' },
    { text: '4242424242424242-42', held: true, why: 'the digits that follow make no id of it' },
    { text: '42424242-4242-4242-abcd-0123456789ab', held: false, why: 'it is an id' },
    { text: 'abcd42424242424242420123456789ab', held: false, why: 'it is an id without dashes' },
    { text: 'a4242424242424242b', held: true, why: 'letters around it hide nothing' },
    { text: 'room 12 4242 4242 4242 4242 from 8', held: true, why: 'numbers around it hide nothing' },
    { text: '42 42 42 42 42 42 42 42', held: true, why: 'no grouping hides it' },
    { text: '3 7 12 23 31 42 8 15 16 23 42 44', held: false, why: 'small numbers side by side are no card' },
    { text: '42.4242424242424242', held: true, why: 'a point is no end of it' },
    { text: '1 '.repeat(50_000), held: false, why: 'a long text takes no long time' },
  ])('$text: $held, since $why', ({ text, held }) => {
    expect(holdsCardNumber(text)).toBe(held);
  });
});
