import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readable } from '../../src/telemetry/logger.ts';
import { until } from '../support/engines.ts';
import { spawnMain } from '../support/main-process.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { PROJECT } from '../support/readme.ts';
import { SYSTEM_ENV } from '../support/shell.ts';
import { openTestStore } from '../support/store.ts';

const TIME = new Date(2026, 10, 24, 9, 5, 7, 42);
const line = (rest: object) => JSON.stringify({ level: 30, time: TIME.getTime(), pid: 7, hostname: 'vm', ...rest });

describe('a line of the log, in a terminal', () => {
  test.each([
    { name: 'a message', rest: { msg: 'draining' }, reads: '09:05:07.042 INFO  draining' },
    { name: 'a warning', rest: { level: 40, msg: 'careful' }, reads: '09:05:07.042 WARN  careful' },
    { name: 'a level of its own', rest: { level: 35, msg: 'so' }, reads: '09:05:07.042 35    so' },
    {
      name: 'a request',
      rest: { method: 'POST', route: '/graphql', status: 200, ms: 3, caller: 'MEMBER', msg: 'answered' },
      reads: '09:05:07.042 INFO  answered method=POST route=/graphql status=200 ms=3 caller=MEMBER',
    },
    { name: 'no message', rest: { people: 300 }, reads: '09:05:07.042 INFO  people=300' },
    {
      name: 'values that are no text',
      rest: { code: null, open: [1], of: '', msg: 'm' },
      reads: '09:05:07.042 INFO  m code=null open=[1] of=""',
    },
    {
      name: 'a fault, with its place in the code',
      rest: { level: 60, msg: 'ended', fault: { name: 'TypeError', at: ['    at a (b.ts:1:2)', '    at c'] } },
      reads: '09:05:07.042 FATAL ended\n    TypeError\n    at a (b.ts:1:2)\n    at c',
    },
    { name: 'a fault without a place', rest: { fault: { name: 'object' } }, reads: '09:05:07.042 INFO \n    object' },
  ])('reads as $name', ({ rest, reads }) => {
    expect(readable(line(rest), false)).toBe(`${reads}\n`);
  });

  test('has colours where the terminal shows them, and is the same without', () => {
    const rest = { level: 50, msg: 'failed', code: 'X' };
    const coloured = readable(line(rest), true);
    expect(coloured).toContain('\u001b[31mERROR\u001b[39m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is how colours are written
    expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(readable(line(rest), false));
  });

  test('never commands the terminal, and is one line, for any message', () => {
    const texts = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(fc.dictionary(texts, fc.oneof(texts, fc.array(texts))), texts, (rest, msg) => {
        const { fault: _fault, level: _level, time: _time, ...told } = rest;
        const text = readable(line({ ...told, msg }), false);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
        expect(text.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
        expect(text.endsWith('\n')).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the log of the gateway', () => {
  const open = async () => {
    const [store, dataDir] = await Promise.all([openTestStore(), mkdtemp(path.join(tmpdir(), 'assent-log-'))]);
    const env = { DATA_DIR: dataDir, MONGODB_URI: mongoUri().replace('/?', `/${store.connection.name}?`) };
    const clear = async () => {
      await store.drop();
      await rm(dataDir, { recursive: true });
    };
    return { env, clear };
  };
  const MAIN = `${process.execPath} dist/main.js`;
  // that of util-linux: it runs a command in a terminal of its own
  const hasScript = spawnSync('script', ['--version']).stdout?.includes('util-linux') ?? false;

  test.runIf(hasScript).each(['', '--workers 2'])('is readable in a terminal: %s', async (args) => {
    const { env, clear } = await open();
    const command = `sh -c 'echo pid $$; exec ${MAIN} ${args}'`;
    const terminal = spawn('script', ['-qefc', command, '/dev/null'], {
      cwd: PROJECT,
      env: { ...SYSTEM_ENV, ...env, PORT: '0', NO_COLOR: '1', TERM: 'xterm' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    // closing the terminal ends the programs in it: nothing is left behind where the test fails
    onTestFinished(() => void terminal.kill('SIGKILL'));
    const ended = once(terminal, 'close');
    let shown = '';
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
    });
    const found = (pattern: RegExp) => pattern.exec(shown)?.[1];
    const address = /listening on (http:\/\/[^/]+)\//;
    await until(() => found(address) !== undefined, 60_000);
    const response = await fetch(`${found(address)}/nothing`);
    await response.body?.cancel();
    await until(() => /answered/.test(shown), 60_000);
    process.kill(Number(found(/^pid (\d+)/m)), 'SIGTERM');
    await ended;
    await clear();
    const lines = shown.split(/\r?\n/).filter((text) => /^[\d{]/.test(text));
    expect(lines.filter((text) => !/^\d\d:\d\d:\d\d\.\d{3} (INFO|WARN|ERROR|FATAL) /.test(text))).toEqual([]);
    expect(shown).toMatch(/INFO {2}answered requestId=[0-9a-f-]{36} method=GET route=none status=404 ms=\d+/);
    expect(shown).toMatch(/INFO {2}ended/);
  });

  test('is one JSON object a line anywhere else', async () => {
    const { env, clear } = await open();
    const gateway = spawnMain(env);
    const response = await fetch(`${await gateway.listening}/nothing`);
    await response.body?.cancel();
    await gateway.stop();
    await clear();
    const lines = gateway.logged().trim().split('\n');
    expect(lines.map((text) => JSON.parse(text).msg)).toEqual(
      expect.arrayContaining(['answered', 'draining', 'ended']),
    );
  });
});
