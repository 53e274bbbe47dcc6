import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { matrixMarkdown, matrixOf, matrixText } from '../../src/policy/matrix.ts';
import { runCommand, spawnCommand } from '../support/command.ts';
import { referencePolicy, referenceText } from '../support/policy.ts';

let directory: string;
const files = { same: '', dead: '', faulty: '' };

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'assent-policy-'));
  const put = async (name: string, text: string) => {
    await writeFile(path.join(directory, name), text);
    return path.join(directory, name);
  };
  files.same = await put('same.yaml', referenceText);
  files.dead = await put('dead.yaml', referenceText.replace('{ fact: autoPostToRecipient }', '{ any: [] }'));
  files.faulty = await put('faulty.yaml', referenceText.replace('processedIn: US', 'processedIn: Mars'));
});
afterAll(() => rm(directory, { recursive: true }));

/** From another directory than the project's, as from any. */
const policy = (args: readonly string[], file?: string) =>
  runCommand('policy', args, { cwd: directory, ...(file !== undefined && { env: { POLICY_FILE: file } }) });

describe('npm run policy', () => {
  test.each<{ name: string; args: string[]; file?: keyof typeof files; code: number; prints: RegExp | string }>([
    {
      name: 'lint passes the reference policy',
      args: ['lint'],
      code: 0,
      prints: /^NOTE .*cookies\.kinds +contradicts cookies\.unlinked/ms,
    },
    {
      name: 'lint fails on an error',
      args: ['lint'],
      file: 'dead',
      code: 1,
      prints: /^ERROR +social\.activity +reveals to SOCIAL on a condition that can never hold$/m,
    },
    {
      name: 'matrix prints the categories of each caller',
      args: ['matrix'],
      code: 0,
      prints: `${matrixText(referencePolicy)}\n`,
    },
    {
      name: 'matrix prints the table of a document',
      args: ['matrix', '--markdown'],
      code: 0,
      prints: `${matrixMarkdown(referencePolicy)}\n`,
    },
    {
      name: 'coverage prints every clause with its operations, and lacks nothing',
      args: ['coverage'],
      code: 0,
      prints:
        /^social\.activity +reveal +SOCIAL for activity-posting +.*Mutation\.postActivity.* +test\/features\/social\.test\.ts, cases\.yaml$/m,
    },
  ])('$name', async ({ args, file, code, prints }) => {
    const outcome = await policy(args, file && files[file]);
    expect(outcome).toMatchObject({ code, stderr: '' });
    if (typeof prints === 'string') expect(outcome.stdout).toBe(prints);
    else expect(outcome.stdout).toMatch(prints);
  });

  test('lint and matrix speak JSON too', async () => {
    const [findings, rows] = await Promise.all([policy(['lint', '--json'], files.dead), policy(['matrix', '--json'])]);
    expect(findings.code).toBe(1);
    expect(JSON.parse(findings.stdout)[0]).toEqual({
      severity: 'ERROR',
      clause: 'social.activity',
      message: 'reveals to SOCIAL on a condition that can never hold',
    });
    expect(JSON.parse(rows.stdout)).toEqual(matrixOf(referencePolicy));
  });

  test('coverage names every clause of the policy', async () => {
    const { stdout } = await policy(['coverage']);
    const named = stdout.split('\n').flatMap((line) => /^([a-z-]+\.[a-z-]+) /.exec(line)?.[1] ?? []);
    expect(named).toEqual(referencePolicy.clauses.map(({ id }) => id));
  });

  test('diff tells the changes from one file to the other', async () => {
    const [none, some] = await Promise.all([
      policy(['diff', files.same, files.same]),
      policy(['diff', files.same, files.dead]),
    ]);
    expect(none).toEqual({ code: 0, stdout: 'nothing changed\n', stderr: '' });
    expect(some).toEqual({
      code: 0,
      stdout: [
        'changes   the version stays 2014-09-12; another text needs one of its own',
        'narrower  SOCIAL, for activity-posting, sees on other conditions User.recentActivity: dropped "the person is linked with this recipient and lets activity be posted there", added "never"',
        'narrower  the clause social.activity says otherwise: reveals',
        '',
      ].join('\n'),
      stderr: '',
    });
  });

  test('a faulty file is told with its place', async () => {
    const env = { POLICY_FILE: files.faulty };
    const { code, stdout, stderr } = await spawnCommand('policy', ['matrix'], { cwd: directory, env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /faulty\.yaml:\d+:1 processedIn: expected an ISO 3166-1 alpha-2 country code, not "Mars"\n$/,
    );
  });

  test.each([
    [[]],
    [['lint', 'more']],
    [['diff', 'one']],
    [['diff', '--json', 'one', 'two']],
    [['matrix', '--json', '--markdown']],
    [['lint', '--markdown']],
    [['sing']],
    [['--loud']],
  ])('the arguments %j are answered with the usage', async (args) => {
    const { code, stdout, stderr } = await policy(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^usage: assent policy <command>/);
  });
});
