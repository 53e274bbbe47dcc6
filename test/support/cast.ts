import type { Cast, Persona } from '../../src/http/graphiql/personas.ts';

/** A cast of a few personas; each knows the person `u1` of the examples by its own id. */
export const castOf = (personas: readonly Persona[]): Cast => ({
  first: async () => personas,
  search: async (text) => personas.filter(({ label }) => label.includes(text)),
  find: async (wanted) => personas.find(({ id }) => id === wanted) ?? null,
  personKnownTo: async ({ knowsPersonAs = 'u1' }, id) => (id === knowsPersonAs ? { kind: 'member', sub: 'u1' } : null),
});
