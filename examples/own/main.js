import { createClient, denialAt } from '@assent-gateway/assent/client';
import { PREFERENCES, SET } from '../documents.js';
import { draw } from '../screen.js';

/** Without a cache: every answer is drawn as it comes. */
export function start(root, { url, token, other }) {
  const client = createClient({ url, token });
  const set = async (input) => {
    await client.mutate(SET, { input }, { repeatable: true });
    await show();
  };
  const show = async () => {
    const answer = await client.query(PREFERENCES, { other });
    draw(root, { me: answer.data.me, other: answer.data.user, denial: denialAt(answer, ['user', 'email']), set });
  };
  return { show, cached: () => null };
}
