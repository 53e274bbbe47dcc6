import { createClient } from '@assent-gateway/assent/client';
import * as oauth from 'oauth4webapi';

/** Seconds before its end at which a token is not used any more. */
const MARGIN = 30;

/** A client of the gateway, with tokens that the gateway gives for assertions signed with the partner's key. */
export async function connect({ gateway, clientId, key, scope }) {
  const issuer = new URL(gateway);
  const options = { [oauth.allowInsecureRequests]: issuer.protocol === 'http:' };
  const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...options });
  const server = await oauth.processDiscoveryResponse(issuer, found);
  const client = { client_id: clientId };
  const usage = { name: 'ECDSA', namedCurve: 'P-256' };
  const authentication = oauth.PrivateKeyJwt(await crypto.subtle.importKey('jwk', key, usage, false, ['sign']));
  let held = { token: null, end: 0 };

  const renew = async () => {
    const asked = oauth.clientCredentialsGrantRequest(server, client, authentication, { scope }, options);
    const granted = await oauth.processClientCredentialsResponse(server, client, await asked);
    return { token: granted.access_token, end: Date.now() + (granted.expires_in - MARGIN) * 1_000 };
  };

  const token = async (refused) => {
    if (held.token === refused || Date.now() > held.end) held = await renew();
    return held.token;
  };
  return createClient({ url: new URL('/graphql', issuer).href, token });
}
