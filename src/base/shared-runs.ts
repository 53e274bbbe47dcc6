/**
 * Lets callers share runs of the same work. Each call resolves with a run that began after the call. Calls that come
 * while a run is under way share the next one.
 */
export function shareRuns(run: () => Promise<void>) {
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  const begin = () => {
    next = null;
    const begun = run();
    running = begun.catch(() => {});
    return begun;
  };
  return {
    run(): Promise<void> {
      next ??= running.then(begin);
      return next;
    },
    /** Resolves once no run is under way. */
    async idle(): Promise<void> {
      while (next) await next.catch(() => {});
      await running;
    },
  };
}
