// @ts-check
import { request } from 'node:http';
import { json } from 'node:stream/consumers';

// Has a command of the project run by the host of commands: `node npm-client.js SOCKET NAME [-- ARGUMENTS]`.

const [, , socketPath = '', name = '', ...rest] = process.argv;
const args = rest[0] === '--' ? rest.slice(1) : rest;
/** @type {import('./npm.ts').TypedCommand} */
const command = { name, args, env: /** @type {Record<string, string>} */ (process.env), cwd: process.cwd() };
request({ socketPath, method: 'POST' }, async (incoming) => {
  const outcome = /** @type {import('./command.ts').Outcome} */ (await json(incoming));
  process.stderr.write(outcome.stderr);
  process.stdout.write(outcome.stdout);
  process.exitCode = outcome.code;
}).end(JSON.stringify(command));
