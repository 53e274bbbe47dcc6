import { expect, test } from 'vitest';
import { readConfig } from '../../../src/process/config.ts';

const PRODUCTION = {
  ...{ NODE_ENV: 'production', MONGODB_URI: 'mongodb://x', KEY_ENCRYPTION_KEY: 'A'.repeat(43) },
  ...{ AUTH_ISSUER: 'https://id.example', AUTH_JWKS_URL: 'https://id.example/keys' },
};

test('a gateway gives tokens where it is told to, under its address from outside', () => {
  const PUBLIC_URL = 'https://gateway.example/';
  const issuerOf = (env: Record<string, string>) => readConfig(env).auth.ownIssuer;
  expect(issuerOf({ TOKEN_ENDPOINT: 'on', PUBLIC_URL })).toBe('https://gateway.example');
  expect(issuerOf({ ...PRODUCTION, TOKEN_ENDPOINT: 'on', PUBLIC_URL })).toBe('https://gateway.example');
  expect([issuerOf({ PUBLIC_URL }), issuerOf({ TOKEN_ENDPOINT: 'off', PUBLIC_URL })]).toEqual([undefined, undefined]);
});

test.each([
  { name: 'without an address from outside', env: {}, fault: 'PUBLIC_URL: expected, when TOKEN_ENDPOINT is on' },
  {
    name: 'under the name of another issuer',
    env: { PUBLIC_URL: 'https://id.example', AUTH_ISSUER: 'https://id.example' },
    fault: 'AUTH_ISSUER: expected another issuer than PUBLIC_URL',
  },
  {
    name: 'in production without TLS',
    env: { ...PRODUCTION, PUBLIC_URL: 'http://gateway.example' },
    fault: 'PUBLIC_URL: expected an https address',
  },
  { name: 'perhaps', env: { TOKEN_ENDPOINT: 'yes' }, fault: 'TOKEN_ENDPOINT: expected on or off' },
])('and not $name', ({ env, fault }) => {
  expect(() => readConfig({ TOKEN_ENDPOINT: 'on', ...env })).toThrow(fault);
});
