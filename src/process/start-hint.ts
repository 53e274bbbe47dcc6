import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { categoryWith, type Vocabulary } from '../policy/vocabulary.ts';
import { type Config, readConfig } from './config.ts';

/** The folder in which npm runs commands: their defaults are those of a gateway that was started there. */
const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

const quoted = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

const fromProject = (file: string) => path.resolve(PROJECT, file);

/** The settings that a command needs to mean this gateway: those that differ from its defaults, and no secret. */
function settingsOf({ dataDir, bundle, host, auth }: Config, port: number): string[] {
  const standard = readConfig({});
  const settings: readonly (readonly [string, string, string])[] = [
    ['DATA_DIR', path.resolve(dataDir), fromProject(standard.dataDir)],
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
 * How to ask a gateway something as a person of the demo world, for a shell in the project's folder.
 *
 * @param port  the one that it listens on
 */
export function startHint(config: Config, port: number, endpoint: string, vocabulary: Vocabulary): readonly string[] {
  const command = [...settingsOf(config, port), 'npm run -s token -- --member u1'].join(' ');
  return [
    'Open it in a browser to explore as anyone, or get a token and ask:',
    `  TOKEN=$(${command})`,
    `  curl -s ${endpoint} -H "authorization: Bearer $TOKEN" ` +
      `-H 'content-type: application/json' -d '{"query":"{ me { ${selectionOf(vocabulary)} } }"}'`,
  ];
}
