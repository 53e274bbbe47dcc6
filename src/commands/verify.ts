import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { ReceiptError, readKeys, tellReceipt, verifyReceipt } from '../features/receipts/verify-receipt.ts';
import { say, tell } from './output.ts';

export const usage = `usage: assent verify RECEIPT --keys KEYS
RECEIPT: a file with a receipt; KEYS: a file with the keys that a gateway publishes at /.well-known/jwks.json.
It asks neither a gateway nor a database.`;
const EXIT = { GOOD: 0, REFUSED: 1, CANNOT_RUN: 2 } as const;

const textOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch(() => {
    throw new Error(`${file}: expected a file that can be read`);
  });

async function verify(file: string, keyFile: string): Promise<number> {
  const [receipt, keys] = [await textOf(file), readKeys(await textOf(keyFile))];
  if (!keys) throw new Error(`${keyFile}: expected a JSON Web Key Set`);
  try {
    for (const line of tellReceipt(await verifyReceipt(receipt.trim(), keys))) say(line);
    return EXIT.GOOD;
  } catch (error) {
    if (!(error instanceof ReceiptError)) throw error;
    tell(`The receipt is not good: ${error.message}.`);
    return EXIT.REFUSED;
  }
}

/** Checks a receipt with public keys alone. */
export async function run(args: readonly string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { keys: { type: 'string' } },
  });
  const [receipt, ...others] = positionals;
  if (receipt === undefined || others.length > 0 || values.keys === undefined) {
    tell(usage);
    return EXIT.CANNOT_RUN;
  }
  try {
    return await verify(receipt, values.keys);
  } catch (error) {
    tell((error as Error).message);
    return EXIT.CANNOT_RUN;
  }
}
