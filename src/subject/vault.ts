import { unavailable } from '../base/errors.ts';
import { deriveSecret } from '../store/derive.ts';
import { eachAlone } from '../store/each-alone.ts';
import type { PersonKeys } from '../store/keys.ts';
import { openJson, sealJson } from '../store/sealed-json.ts';
import type { SubjectId } from './identifiers.ts';
import type { PersonalValues, SealedValues } from './values.ts';

/** Seals and opens values under one key. The place of a value is part of its seal. */
export interface Vault {
  readonly seal: (place: string, value: unknown) => string;
  /** @throws {Error} where the value was sealed for somebody or somewhere else, or was changed */
  readonly open: (place: string, sealed: string) => unknown;
}

const vaultUnder = (key: Buffer, prefix = ''): Vault => ({
  seal: (place, value) => sealJson(key, `${prefix}${place}`, value),
  open: (place, sealed) => openJson(key, `${prefix}${place}`, sealed),
});

/** @param key  the person's data key, 32 bytes */
export const createVault = (sid: SubjectId, key: Buffer): Vault => vaultUnder(key, `${sid}/`);

/**
 * Seals values that belong to no account, a mail to a stranger for instance.
 *
 * @param secret  32 bytes that every gateway on the same database shares
 * @param use  names the vault: a vault of another use opens nothing of it
 */
export const createSharedVault = (secret: Buffer, use: string): Vault => vaultUnder(deriveSecret(secret, use));

/** Every value is sealed for itself, so that a denied value need never be opened. */
export const sealValues = (vault: Vault, values: PersonalValues): SealedValues =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([category, value]) => [category, vault.seal(category, value)]),
  );

/** One value; undefined where none is held. */
export const openValue = <C extends string>(
  vault: Vault,
  values: SealedValues,
  category: C,
): PersonalValues[C] | undefined => {
  const sealed = values[category];
  return sealed === undefined ? undefined : (vault.open(category, sealed) as PersonalValues[C]);
};

/** The address that a person gave, proven or not. */
export const openGivenEmail = (vault: Vault, values: SealedValues): string | undefined =>
  openValue(vault, values, 'EMAIL') ?? openValue(vault, values, 'UNPROVEN_EMAIL');

export const openValues = (vault: Vault, values: SealedValues): PersonalValues =>
  Object.fromEntries(Object.keys(values).map((category) => [category, openValue(vault, values, category)]));

/** The vaults of several people, in one command; after the destruction of their key a person has none. */
export async function findVaults(
  keys: Pick<PersonKeys, 'find'>,
  sids: readonly SubjectId[],
): Promise<Map<SubjectId, Vault>> {
  const found = await keys.find([...new Set(sids)]);
  return new Map([...found].map(([sid, key]) => [sid, createVault(sid, key)]));
}

/** The most people in one command that fetches keys for a sweep. */
export const KEYS_TOGETHER = 100;

/**
 * Does the same for each person of a batch, with their vault: if one fails, the others do not wait. A person without a
 * key is about to be erased, and left out.
 *
 * @throws the first fault, once all have been tried
 */
export async function eachWithVault<Person extends { readonly _id: SubjectId }>(
  keys: Pick<PersonKeys, 'find'>,
  batch: readonly Person[],
  act: (person: Person, vault: Vault) => Promise<unknown>,
): Promise<void> {
  const vaults = await findVaults(
    keys,
    batch.map(({ _id }) => _id),
  );
  await eachAlone(batch, async (person) => {
    const vault = vaults.get(person._id);
    if (vault) await act(person, vault);
  });
}

/** @returns a function that throws {ApiError} UNAVAILABLE if the person's key is not to be had */
export const createVaultFinder =
  (keys: Pick<PersonKeys, 'find'>) =>
  async (sid: SubjectId): Promise<Vault> => {
    const vault = (await findVaults(keys, [sid])).get(sid);
    if (!vault) throw unavailable('the key of a person');
    return vault;
  };
