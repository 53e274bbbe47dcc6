import { acceptsByUse } from '../features/policy-versions/operations.ts';
import type { Context } from '../graphql/context.ts';
import type { ContextOf } from './request-context.ts';

/** The version, on the answer to a request that was deemed to accept the policy. */
export const DEEMED_ACCEPTANCE = 'assent-deemed-acceptance';

/** Whether the caller accepts the current version by using the site. */
export const wouldAccept = ({ caller, services }: Context): boolean =>
  caller.kind === 'MEMBER' && acceptsByUse(caller.person.facts, services.table);

/**
 * Records that the caller accepts by going on. The rest of the request goes on with the person as they are after
 * accepting.
 */
export const createDeemedAcceptance =
  (contextOf: ContextOf) =>
  async (context: Context): Promise<void> => {
    if (context.caller.kind !== 'MEMBER') return;
    const { policies, table } = context.services;
    const changed = await policies.deemAccepted(context.caller.person._id);
    if (!changed) return;
    if (changed.entries.length > 0) context.tellAcceptance(table.current.version);
    const { line, now, requestId, origin, optsOut, mayStore, tellAcceptance, asked } = context;
    const arrival = { line, now, requestId, origin, optsOut, mayStore, tellAcceptance, asked };
    Object.assign(context, contextOf({ ...arrival, caller: { kind: 'MEMBER', person: changed.document } }));
  };
