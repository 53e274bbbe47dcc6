import { writeFile } from 'node:fs/promises';
import { generateKeyPair } from 'oauth4webapi';

// Makes a key of the partner: the private half goes to a file, the public half is told.

const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
const [secret, { kty, crv, x, y }] = await Promise.all(
  [privateKey, publicKey].map((key) => crypto.subtle.exportKey('jwk', key)),
);
await writeFile(process.argv[2], JSON.stringify(secret), { mode: 0o600 });
console.log(JSON.stringify({ keys: [{ kty, crv, x, y, alg: 'ES256' }] }));
