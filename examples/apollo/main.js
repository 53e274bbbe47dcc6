import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { answerOf, apolloTypePolicies, denialAt } from '@assent-gateway/assent/client';
import { PREFERENCES, SET } from '../documents.js';
import { draw } from '../screen.js';

/** @param token  gives the token of who is signed in; a cache is theirs alone, so that signing in makes a new client */
export function start(root, { url, token, other }) {
  const signedIn = new SetContextLink(async ({ headers }) => ({
    headers: { ...headers, authorization: `Bearer ${await token()}` },
  }));
  const client = new ApolloClient({
    link: ApolloLink.from([signedIn, new HttpLink({ uri: url })]),
    cache: new InMemoryCache({ typePolicies: apolloTypePolicies() }),
    // denied fields are null beside the others; errors are in no cache, so that every reading asks
    defaultOptions: { query: { errorPolicy: 'all', fetchPolicy: 'network-only' }, mutate: { errorPolicy: 'all' } },
  });

  const set = async (input) => {
    await client.mutate({ mutation: gql(SET), variables: { input } });
    await show();
  };
  const show = async () => {
    const { data, error } = await client.query({ query: gql(PREFERENCES), variables: { other } });
    const denial = denialAt(answerOf({ errors: error?.errors }), ['user', 'email']);
    draw(root, { me: data.me, other: data.user, denial, set });
  };
  return { show, cached: () => client.readQuery({ query: gql(PREFERENCES), variables: { other } }) };
}
