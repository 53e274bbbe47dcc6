import { answerOf, denialAt, graphcacheKeys } from '@assent-gateway/assent/client';
import { Client, fetchExchange, gql } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { PREFERENCES, SET } from '../documents.js';
import { draw } from '../screen.js';

/** @param token  gives the token of who is signed in; a cache is theirs alone, so that signing in makes a new client */
export function start(root, { url, token, other }) {
  const client = new Client({
    url,
    preferGetMethod: false,
    requestPolicy: 'network-only',
    exchanges: [cacheExchange({ keys: graphcacheKeys() }), fetchExchange],
    fetch: async (to, init) =>
      fetch(to, { ...init, headers: { ...init.headers, authorization: `Bearer ${await token()}` } }),
  });

  const set = async (input) => {
    await client.mutation(gql(SET), { input }).toPromise();
    await show();
  };
  const show = async () => {
    const { data, error } = await client.query(gql(PREFERENCES), { other }).toPromise();
    const denial = denialAt(answerOf({ errors: error?.graphQLErrors }), ['user', 'email']);
    draw(root, { me: data.me, other: data.user, denial, set });
  };
  return { show, cached: () => client.readQuery(gql(PREFERENCES), { other })?.data };
}
