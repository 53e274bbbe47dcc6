import { LEAST_VERSION } from '../../server-version.ts';
import type { ServerFacts, ServerKind } from '../facts/server.ts';
import { counted, type Finding, fault, note, ok } from '../finding.ts';
import { answerOf, unseen } from '../look.ts';

const KINDS: Readonly<Record<ServerKind, string>> = {
  EMBEDDED: 'the embedded engine',
  SINGLE: 'a single server',
  SET: 'a replica set',
  ROUTER: 'the router of a sharded cluster',
};

function whatItIs({ kind, database, shards }: ServerFacts): Finding {
  const count = shards && answerOf(shards);
  const of = count === null ? '' : ` of ${counted(count, 'shard')}`;
  const found = `${database} is on ${KINDS[kind]}${of}.`;
  if (kind === 'EMBEDDED') return note('database', found, 'In production set MONGODB_URI.');
  if (kind === 'SINGLE') return note('database', `${found} It has no other member that takes over.`);
  return ok('database', found);
}

/** Versions as MongoDB numbers them: `7.0.14`. */
const isBefore = (version: string, least: string) => {
  const [major = 0, minor = 0] = version.split('.').map(Number.parseFloat);
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
};

function versions({ version, compatibility, driver }: ServerFacts): Finding[] {
  const subject = 'version';
  const found: Finding[] = [];
  const least = `${LEAST_VERSION} is the least; the driver is ${driver}`;
  if ('refusal' in version) found.push(unseen(subject, 'The version', version.refusal));
  else if (isBefore(version.answer, LEAST_VERSION))
    found.push(fault(subject, `MongoDB ${version.answer}: ${least}.`, 'Update every server of the database.'));
  else found.push(ok(subject, `MongoDB ${version.answer}: ${least}.`));
  if (compatibility === null) return found;
  if ('refusal' in compatibility) found.push(unseen(subject, 'The compatibility version', compatibility.refusal));
  else if (isBefore(compatibility.answer, LEAST_VERSION))
    found.push(
      fault(
        subject,
        `The data is kept compatible with MongoDB ${compatibility.answer}.`,
        `Set featureCompatibilityVersion to ${LEAST_VERSION} or later.`,
      ),
    );
  return found;
}

function storage({ persistent }: ServerFacts): Finding[] {
  if (persistent === null) return [];
  if ('refusal' in persistent) return [unseen('storage', 'The storage', persistent.refusal)];
  if (persistent.answer) return [];
  return [
    fault(
      'storage',
      'The server keeps its data in memory: a restart loses everything.',
      'Give it a storage engine with a disk.',
    ),
  ];
}

function defaults({ defaults: seen }: ServerFacts): Finding[] {
  if (seen === null) return [];
  if ('refusal' in seen) return [unseen('defaults', 'The default concerns of the cluster', seen.refusal)];
  const { w, readConcern } = seen.answer;
  const found = `Commands that name none write with w: ${w ?? 'majority'} and read ${readConcern ?? 'local'}`;
  if (w === 'majority' || w === undefined) return [ok('defaults', `${found}.`)];
  return [note('defaults', `${found}. The gateway names its own, and needs no other default.`)];
}

export const findingsOnServer = (facts: ServerFacts): Finding[] => [
  whatItIs(facts),
  ...versions(facts),
  ...storage(facts),
  ...defaults(facts),
];
