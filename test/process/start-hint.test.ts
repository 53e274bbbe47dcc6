import path from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../src/process/config.ts';
import { startHint } from '../../src/process/start-hint.ts';
import { referencePolicy } from '../support/policy.ts';
import { PROJECT } from '../support/readme.ts';

const commandFor = (env: Record<string, string>, port = 4000) => {
  const [, line = ''] = startHint(readConfig(env), port, 'http://127.0.0.1:4000/graphql', referencePolicy.vocabulary);
  return line.trim();
};

test.each([
  { name: 'that is set up as usual needs no more', env: {}, told: '' },
  { name: 'over the usual directory, named in full', env: { DATA_DIR: path.join(PROJECT, '.data') }, told: '' },
  { name: 'over another directory', env: { DATA_DIR: '/srv/assent' }, told: 'DATA_DIR=/srv/assent ' },
  { name: 'over one beside it', env: { DATA_DIR: 'other' }, told: `DATA_DIR=${path.resolve('other')} ` },
  { name: 'over one with a space', env: { DATA_DIR: '/srv/my data' }, told: `DATA_DIR='/srv/my data' ` },
  { name: 'over one with an apostrophe', env: { DATA_DIR: `/srv/it's` }, told: `DATA_DIR='/srv/it'\\''s' ` },
  { name: 'at another host', env: { HOST: '0.0.0.0' }, told: 'HOST=0.0.0.0 ' },
  { name: 'under another policy', env: { POLICY: '/srv/policy.yaml' }, told: 'POLICY=/srv/policy.yaml ' },
  {
    name: 'with tokens of another issuer, for another audience',
    env: { AUTH_ISSUER: 'https://issuer.example', AUTH_AUDIENCE: 'app' },
    told: 'AUTH_ISSUER=https://issuer.example AUTH_AUDIENCE=app ',
  },
  {
    name: 'with secrets: they are not told',
    env: {
      MONGODB_URI: 'mongodb://user:secret@db.example/assent',
      KEY_ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
    },
    told: '',
  },
])('the command for a token of a gateway $name', ({ env, told }) => {
  expect(commandFor(env as Record<string, string>)).toBe(`TOKEN=$(${told}npm run -s token -- --member u1)`);
});

test('the command for a token names the port that was taken, where any was free', () => {
  expect(commandFor({ PORT: '0' }, 4711)).toBe('TOKEN=$(PORT=4711 npm run -s token -- --member u1)');
});
