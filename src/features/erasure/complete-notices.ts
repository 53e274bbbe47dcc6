import type { Context } from '../../graphql/context.ts';
import { isUnavailable } from '../../store/mongo/connection.ts';

/**
 * Puts every notice in place that is due by now. One faulty record must not keep a partner from the other notices; the
 * sweep logs the fault.
 */
export const completeNotices = ({ services }: Pick<Context, 'services'>): Promise<void> =>
  services.completeNotices().catch((error: unknown) => {
    if (isUnavailable(error)) throw error;
  });
