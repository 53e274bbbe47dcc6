import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand, spawnCommand } from '../support/command.ts';

const CLAIMS = {
  ...{ iss: 'https://gateway.example', iat: 1_795_000_000, sub: 'u1', controller: 'A company' },
  ...{ at: '2026-11-18T11:06:40.000Z', act: 'CONSENT', policyVersion: '1', recipient: null },
  ...{ clauses: ['offers'], categories: ['NAME'], purposes: ['targeted-offers'] },
  chain: { place: '3', hash: 'a'.repeat(64), previous: 'b'.repeat(64) },
  record: { purpose: 'offers\u202e', action: 'WITHDRAWN', changes: { news: false } },
};

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'assent-verify-'));
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  const receipt = await new SignJWT(CLAIMS)
    .setProtectedHeader({ alg: 'EdDSA', typ: 'consent-receipt+jwt', kid: 'k' })
    .sign(privateKey);
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k' };
  const put = (name: string, text: string) => writeFile(path.join(dir, name), text);
  await put('receipt.jwt', `${receipt}\n`);
  await put('forged.jwt', `${receipt.slice(0, -10)}AAAAAAAAAA`);
  await put('keys.json', JSON.stringify({ keys: [jwk] }));
  await put('others.json', JSON.stringify({ keys: [{ ...jwk, kid: 'another' }] }));
  await put('retired.json', JSON.stringify({ keys: [{ ...jwk, exp: CLAIMS.iat - 60 }] }));
});
afterAll(() => rm(dir, { recursive: true }));

test('a good receipt is told in plain words, with neither gateway nor database', async () => {
  expect(await spawnCommand('verify', ['receipt.jwt', '--keys', 'keys.json'].map(inDir))).toEqual({
    code: 0,
    stderr: '',
    stdout: `The receipt is good: https://gateway.example signed it at 2026-11-18T11:06:40.000Z, with the key k.
At 2026-11-18T11:06:40.000Z, on the record of the person u1: consent, with purpose offers, action WITHDRAWN, changes news no.
Policy: of A company, version 1; clauses offers
Categories: NAME
Purposes: targeted-offers
Recipient: none
Place in the chain: 3, with the hash ${'a'.repeat(64)} after ${'b'.repeat(64)}
`,
  });
});

test.each([
  { name: 'a forged receipt', args: ['forged.jwt', '--keys', 'keys.json'], why: 'its signature does not verify' },
  { name: 'a key that is not given', args: ['receipt.jwt', '--keys', 'others.json'], why: 'not among the keys' },
  { name: 'a key that was retired before', args: ['receipt.jwt', '--keys', 'retired.json'], why: 'after the time' },
  { name: 'something else', args: ['keys.json', '--keys', 'keys.json'], why: 'not a signed JSON Web Token' },
])('$name ends with 1, and one line why', async ({ args, why }) => {
  const { code, stdout, stderr } = await runCommand('verify', args.map(inDir), { env: {} });
  expect([code, stdout, stderr.trim().split('\n').length]).toEqual([1, '', 1]);
  expect(stderr).toContain(why);
});

test.each([
  { name: 'no keys', args: ['receipt.jwt'], stderr: 'usage' },
  { name: 'no receipt', args: ['--keys', 'keys.json'], stderr: 'usage' },
  { name: 'two receipts', args: ['receipt.jwt', 'receipt.jwt', '--keys', 'keys.json'], stderr: 'usage' },
  { name: 'a file that is not there', args: ['none.jwt', '--keys', 'keys.json'], stderr: 'expected a file' },
  { name: 'keys that are no key set', args: ['receipt.jwt', '--keys', 'receipt.jwt'], stderr: 'JSON Web Key Set' },
])('$name ends with 2', async ({ args, stderr }) => {
  const outcome = await runCommand('verify', args.map(inDir), { env: {} });
  expect(outcome).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(stderr) });
});

function inDir(argument: string): string {
  return argument.startsWith('--') ? argument : path.join(dir, argument);
}
