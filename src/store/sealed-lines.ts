import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { z } from 'zod';
import { openBytes, sealBytes } from './aead.ts';
import { deriveSecret } from './derive.ts';

/** A file of sealed parts can't be opened: nothing of it may be used. */
export class SealedFileError extends Error {
  override readonly name = 'SealedFileError';
}

const FORMAT = 'assent sealed lines 1';

const Head = z.strictObject({ format: z.literal(FORMAT), kind: z.string(), salt: z.string().regex(/^[\w+/]{22}==$/) });

/** Each file has a key of its own, so that no part of one can be put into another. */
const keyOf = (key: Buffer, { kind, salt }: z.output<typeof Head>) => deriveSecret(key, `${kind} file ${salt}`);

/** Where a line stands: after which others, and whether it is the last. */
const placeOf = (previous: string, part: 'part' | 'end') => `${part} after ${previous}`;

const hashOf = (line: string) => createHash('sha256').update(line).digest('base64');

/**
 * Writes a file that only the key opens: lines of text, each sealed and bound to all lines before it by their hash. The
 * file appears under its name whole and on disk, in the place of one that was there.
 *
 * @param key  32 bytes
 * @param kind  names the content of the file; it stands there in the clear
 * @param parts  gives the parts one at a time, and at its end the last one, which is small
 */
export async function writeSealedLines(
  file: string,
  key: Buffer,
  kind: string,
  parts: AsyncGenerator<Buffer, Buffer, undefined>,
): Promise<void> {
  const head = { format: FORMAT, kind, salt: randomBytes(16).toString('base64') } as const;
  const fileKey = keyOf(key, head);
  const draft = `${file}.${randomBytes(6).toString('hex')}.part`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    let line = JSON.stringify(head);
    for (let next = await parts.next(); ; next = await parts.next()) {
      await handle.appendFile(`${line}\n`);
      line = sealBytes(fileKey, placeOf(hashOf(line), next.done ? 'end' : 'part'), next.value);
      if (next.done) break;
    }
    await handle.appendFile(`${line}\n`);
    await handle.sync();
    await handle.close();
    await rename(draft, file);
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(draft, { force: true });
    throw error;
  }
}

function readHead(line: string, kind: string): z.output<typeof Head> {
  try {
    const head = Head.parse(JSON.parse(line));
    if (head.kind === kind) return head;
  } catch {
    // told below
  }
  throw new SealedFileError(`expected a file of ${kind}`);
}

function openLine(key: Buffer, place: string, line: string): Buffer {
  try {
    // some texts that differ mean the same bytes
    if (Buffer.from(line, 'base64').toString('base64') === line) return openBytes(key, place, line);
  } catch {
    // told below
  }
  throw new SealedFileError('expected the key that the file was sealed with, and the file as it was written');
}

/**
 * Reads such a file, part by part.
 *
 * @returns its last part. Until that is given, the file may turn out to be cut off
 * @throws {SealedFileError} another key, another kind of file, or anything in it that was changed, moved or left out
 */
export async function* readSealedLines(
  handle: FileHandle,
  key: Buffer,
  kind: string,
): AsyncGenerator<Buffer, Buffer, undefined> {
  const lines = handle.readLines({ start: 0, autoClose: false })[Symbol.asyncIterator]();
  const first = await lines.next();
  const head = readHead(first.done ? '' : first.value, kind);
  const fileKey = keyOf(key, head);
  let previous = first.value as string;
  for (let line = await lines.next(), after = await lines.next(); !line.done; ) {
    const place = placeOf(hashOf(previous), after.done ? 'end' : 'part');
    const opened = openLine(fileKey, place, line.value);
    if (after.done) return opened;
    yield opened;
    previous = line.value;
    line = after;
    after = await lines.next();
  }
  throw new SealedFileError('expected a file that is whole');
}
