export interface Peekable<T> {
  /** The next item, which stays the next until it is taken; undefined at the end. */
  peek(): Promise<T | undefined>;
  take(): Promise<T | undefined>;
}

/** A stream that can be looked at one item ahead. */
export function peekable<T>(source: AsyncIterable<T>): Peekable<T> {
  const iterator = source[Symbol.asyncIterator]();
  let next: IteratorResult<T> | undefined;
  const peek = async () => {
    next ??= await iterator.next();
    return next.done ? undefined : next.value;
  };
  return {
    peek,
    take: async () => {
      const item = await peek();
      if (!next?.done) next = undefined;
      return item;
    },
  };
}
