import { relayDataId } from '@assent-gateway/assent/client';
import {
  commitMutation,
  createOperationDescriptor,
  Environment,
  fetchQuery,
  Network,
  RecordSource,
  Store,
} from 'relay-runtime';
import { draw } from '../screen.js';
import PREFERENCES from './__generated__/documentsPreferencesQuery.graphql.js';
import SET from './__generated__/documentsSetMutation.graphql.js';

/** @param token  gives the token of who is signed in; a store is theirs alone, so that signing in makes an environment */
export function start(root, { url, token, other }) {
  const ask = async ({ text }, variables) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await token()}` },
      body: JSON.stringify({ query: text, variables }),
    });
    return response.json();
  };
  const getDataID = relayDataId();
  const environment = new Environment({
    network: Network.create(ask),
    store: new Store(new RecordSource()),
    getDataID,
  });

  const set = async (input) => {
    await new Promise((onCompleted, onError) =>
      commitMutation(environment, { mutation: SET, variables: { input }, onCompleted, onError }),
    );
    await show();
  };
  const show = async () => {
    // `@throwOnFieldError`: a fault is thrown; `email @catch`: a denial is a value
    const { me, user } = await fetchQuery(environment, PREFERENCES, { other }).toPromise();
    const { ok, value, errors } = user.email;
    draw(root, { me, other: { ...user, email: value }, denial: ok ? null : errors[0].extensions, set });
  };
  const read = createOperationDescriptor(PREFERENCES, { other });
  return { show, cached: () => environment.lookup(read.fragment).data };
}
