/** Readers of values that may be malformed, from the database or a file. */

/** Whether a value is a record of fields: no list, and no instant. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** The records of a list. Other elements are left out, and a value that is no list holds none. */
export const recordsIn = <Item extends object = Record<string, unknown>>(list: unknown): Item[] =>
  Array.isArray(list) ? list.filter(isRecord as (value: unknown) => value is Item) : [];
