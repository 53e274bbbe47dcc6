import type { TestWorld } from './world.ts';

type Mailed = Pick<TestWorld, 'mails' | 'gateway'>;

/** The token of the newest mail to an address that has one. */
export async function tokenMailedTo({ mails }: Pick<TestWorld, 'mails'>, address: string): Promise<string> {
  const tokens = (await mails()).filter(({ to }) => to === address).flatMap(({ data }) => data.token ?? []);
  return String(tokens.at(-1));
}

/** Follows a link of a mail. */
export const followLink = ({ gateway }: Pick<TestWorld, 'gateway'>, token: string, method = 'POST') =>
  gateway.fetch(new Request(`http://gateway.test/verify/${token}`, { method }));

/** Acts as the owner of a mailbox: follows the newest link that was mailed there. */
export const proveAddress = async (world: Mailed, address: string) =>
  followLink(world, await tokenMailedTo(world, address));
