import { open } from 'node:fs/promises';
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import { PRESENT_FORM } from '../migrations/form.ts';
import type { Store } from '../store/mongo/connection.ts';
import { type Documents, decodeDocuments, encodeDocuments, withDocuments } from '../store/mongo/documents.ts';
import { PERSON_KEYS } from '../store/mongo/repositories/person-keys.ts';
import { createPolicyRecords } from '../store/mongo/repositories/policies.ts';
import { SECRETS } from '../store/mongo/repositories/secrets.ts';
import { readSealedLines, SealedFileError, writeSealedLines } from '../store/sealed-lines.ts';

/**
 * The two files of a backup. The encrypted data and its keys stand apart: the data may be kept for years, but of the
 * keys only the latest copy. A person is erased once no file of keys has theirs.
 */
export type Kind = 'data' | 'keys';

/** The collections of keys. Each key in them is sealed under the key encryption key besides. */
const KEYS = new Set([PERSON_KEYS, SECRETS]);

const IS_OF: Readonly<Record<Kind, (collection: string) => boolean>> = {
  data: (collection) => !KEYS.has(collection),
  keys: (collection) => KEYS.has(collection),
};

const nameOf = (kind: Kind) => `backup of ${kind}`;

const Manifest = z.strictObject({
  /** The version of Assent that wrote it. */
  assent: z.string(),
  form: z.array(z.string()),
  /** When it was read: for data the end of it, for keys the beginning. */
  at: z.iso.datetime(),
  policies: z.array(z.strictObject({ version: z.string(), hash: z.string() })),
  /** How many documents there are of each collection. */
  counts: z.record(z.string(), z.number()),
});

/** The last part of a file: it describes the copied database. */
export type Manifest = z.output<typeof Manifest>;

/** A backup can't be made, or not be restored. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

interface Taking {
  readonly store: Store;
  readonly clock: Clock;
  /** 32 bytes, which seal the file. */
  readonly key: Buffer;
  /** The version of Assent. */
  readonly version: string;
}

const counter = () => {
  const counts: Record<string, number> = {};
  return {
    counts,
    add: ({ collection, documents }: Documents) => {
      counts[collection] = (counts[collection] ?? 0) + documents.length;
    },
  };
};

/** Copies the data, or the keys, of a database into a file. */
export async function takeBackup(kind: Kind, file: string, { store, clock, key, version }: Taking): Promise<Manifest> {
  const begun = clock.now();
  const policies = await createPolicyRecords(store).findAll();
  return withDocuments(store, IS_OF[kind], async (documents) => {
    const { counts, add } = counter();
    const manifestNow = (): Manifest => ({
      assent: version,
      form: PRESENT_FORM,
      at: (kind === 'keys' ? begun : clock.now()).toISOString(),
      policies: policies.map(({ _id, hash }) => ({ version: _id, hash })),
      counts,
    });
    async function* parts() {
      for await (const some of documents) {
        add(some);
        yield encodeDocuments(some);
      }
      return Buffer.from(JSON.stringify(manifestNow()));
    }
    await writeSealedLines(file, key, nameOf(kind), parts());
    return manifestNow();
  });
}

/**
 * Reads a file of a backup.
 *
 * @param each  gets the documents, some at a time
 * @throws {SealedFileError} another key, or anything that was changed
 */
export async function readBackup(
  kind: Kind,
  file: string,
  key: Buffer,
  each: (some: Documents) => Promise<void> = async () => {},
): Promise<Manifest> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    throw new BackupError(`the backup of ${kind}: expected a file that can be read (${error.code})`);
  });
  try {
    const { counts, add } = counter();
    const parts = readSealedLines(handle, key, nameOf(kind));
    let part = await parts.next();
    for (; !part.done; part = await parts.next()) {
      const some = decodeDocuments(part.value);
      add(some);
      await each(some);
    }
    const manifest = Manifest.parse(JSON.parse(part.value.toString()));
    const isWhole = Object.entries(manifest.counts).every(([name, count]) => counts[name] === count);
    if (!isWhole) throw new SealedFileError('expected as many documents as the backup says');
    return manifest;
  } finally {
    await handle.close();
  }
}
