import canonicalize from 'canonicalize';
import type { GraphQLResolveInfo } from 'graphql';
import { badInput } from '../../base/errors.ts';
import { opaque } from '../../enforcement/card-guard.ts';
import type { Builder } from '../../graphql/builder.ts';
import type { Context } from '../../graphql/context.ts';
import type { Making } from './operations.ts';

type ArgumentBuilder = Parameters<Parameters<Builder['mutationFields']>[0]>[0]['arg'];

/** The argument by which a caller may make the same call again, on each operation that makes something. */
export const idempotencyKey = (arg: ArgumentBuilder) => ({
  idempotencyKey: arg.string({
    description:
      'A key of the caller’s own choice for this one call: 1 to 64 visible ASCII characters, best a random UUID. For ' +
      '24 hours the same call with the same key makes nothing again, and is answered with the result of the first ' +
      'time. With other arguments the key is a `CONFLICT`. A call without a key always makes something new.',
    extensions: opaque(),
  }),
});

/**
 * Makes something once for each key of a caller.
 *
 * @param args  as they came, the key among them
 * @throws {ApiError} BAD_INPUT for a malformed key; CONFLICT for a key that stands for other arguments
 */
export function once<Result>(
  { caller, line, services }: Pick<Context, 'caller' | 'line' | 'services'>,
  { fieldName: operation }: Pick<GraphQLResolveInfo, 'fieldName'>,
  { idempotencyKey: key, ...args }: { readonly idempotencyKey?: string | null | undefined },
  make: (making: Making) => Promise<Result>,
): Promise<Result> {
  if (key == null) return services.idempotency.once(null, make);
  if (!/^[\x21-\x7e]{1,64}$/.test(key)) throw badInput('idempotencyKey', '1 to 64 visible ASCII characters');
  const sid = caller.kind === 'MEMBER' ? caller.person._id : null;
  const call = { caller: line, operation, key, args: canonicalize(args) ?? '', sid };
  return services.idempotency.once(call, make);
}
