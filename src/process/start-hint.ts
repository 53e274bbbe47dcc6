import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { categoryWith, type Vocabulary } from '../policy/vocabulary.ts';
import { type Config, readConfig } from './config.ts';

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));
const isInstalled = PACKAGE.split(path.sep).includes('node_modules');
/** The folder in which commands are typed: their defaults are those of a gateway that was started there. */
const FOLDER = isInstalled ? process.cwd() : PACKAGE;
const TOKEN = isInstalled ? 'npx assent token' : 'npm run -s token --';

const quoted = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

const fromFolder = (file: string) => path.resolve(FOLDER, file);

/** The settings that a command needs to mean this gateway: those that differ from its defaults, and no secret. */
function settingsOf({ dataDir, bundle, host, auth }: Config, port: number): string[] {
  const standard = readConfig({});
  const settings: readonly (readonly [string, string, string])[] = [
    ['DATA_DIR', path.resolve(dataDir), fromFolder(standard.dataDir)],
    ['POLICY', path.resolve(bundle), path.resolve(standard.bundle)],
    ['HOST', host, standard.host],
    ['PORT', String(port), String(standard.port)],
    ['AUTH_ISSUER', auth.issuer, standard.auth.issuer],
    ['AUTH_AUDIENCE', auth.audience, standard.auth.audience],
  ];
  return settings.flatMap(([name, value, usual]) => (value === usual ? [] : [`${name}=${quoted(value)}`]));
}

/** Some fields of a person that every database of the company has: names, the address, a switch. */
function selectionOf(vocabulary: Vocabulary): string {
  const fields = (['handle', 'mailbox'] as const).flatMap((role) => categoryWith(vocabulary, role)?.field ?? []);
  const preference = vocabulary.preferences[0]?.id ?? 'gpcOptOut';
  return [...fields, `preferences { ${preference} }`].join(' ');
}

/**
 * How to ask a gateway something as a person of the demo world, for a shell in the folder of the project, or of the one that the package is installed in.
 *
 * @param port  the one that it listens on
 */
export function startHint(config: Config, port: number, endpoint: string, vocabulary: Vocabulary): readonly string[] {
  const command = [...settingsOf(config, port), `${TOKEN} --member u1`].join(' ');
  return [
    'Open it in a browser to explore as anyone, or get a token and ask:',
    `  TOKEN=$(${command})`,
    `  curl -s ${endpoint} -H "authorization: Bearer $TOKEN" ` +
      `-H 'content-type: application/json' -d '{"query":"{ me { ${selectionOf(vocabulary)} } }"}'`,
  ];
}
