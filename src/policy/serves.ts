/** Clauses that an operation serves, declared where it is: what `policy coverage` reads from the schema. */
export const serves = (...clauses: readonly [string, ...string[]]) => ({ serves: clauses });
