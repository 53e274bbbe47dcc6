// Tells of every personal field of an answer whether it was shown or denied, and by which clause of the policy.

import { fieldsOf, operationOf, readDocument } from './selections.js';

const SUBJECT = 'User';
const ROOTS = { query: 'queryType', mutation: 'mutationType', subscription: 'subscriptionType' };

const nameOfType = ({ name, ofType }) => (ofType ? nameOfType(ofType) : name);

/** The type of each field, by its coordinate, and the root types, from the answer of an introspection. */
export const readTypes = (schema) => ({
  roots: Object.fromEntries(Object.entries(ROOTS).map(([kind, root]) => [kind, schema[root]?.name])),
  fields: new Map(
    schema.types.flatMap(({ name, fields }) =>
      (fields ?? []).map((field) => [`${name}.${field.name}`, nameOfType(field.type)]),
    ),
  ),
});

/** The data category of each field that shows one, by its coordinate. */
const categoriesByField = ({ categories }) =>
  new Map(categories.flatMap(({ id, fields }) => fields.map((field) => [field, id])));

const keyOf = (path) => JSON.stringify(path);

/** A member is `SELF` to their own record. */
export const audienceOf = ({ audience, claims }, subject) =>
  claims?.kind === 'member' && claims.sub === subject ? 'SELF' : audience;

/**
 * The clauses and conditions under which the policy may reveal a category to a caller: `{ clauses, conditions }`, or
 * undefined.
 */
const cellOf = ({ matrix }, { audience, purpose, category }) =>
  matrix
    .filter((row) => row.recipient === audience && (row.purpose === null || row.purpose === purpose))
    .flatMap(({ cells }) => cells)
    .find((cell) => cell.category === category);

/** The id of a person in an answer; `me` is the caller, also where no id was asked for. */
const subjectIn = (value, fields, root, persona) => {
  const id = fields.find(({ name }) => name === 'id');
  return value[id?.key] ?? (root === 'me' ? persona?.claims?.sub : undefined);
};

/**
 * The decisions that an answer shows.
 *
 * @param exchange  `{ params, persona, answer }`; no persona where the token is not one of ours
 * @returns `{ people: [{ path, subject, rows }], others: [error] }`; a row is
 *   `{ path, key, category, value, denial, cell }`, and `denial` is null where it was shown
 */
export const decisionsIn = ({ params, persona, answer }, types, policy) => {
  const document = readDocument(params.query);
  const operation = operationOf(document, params.operationName);
  const categories = categoriesByField(policy);
  const errors = new Map((answer.errors ?? []).map((error) => [keyOf(error.path ?? []), error]));
  const people = [];

  const walk = (value, { selections, type, path, root, person }) => {
    if (Array.isArray(value)) {
      value.forEach((item, place) => {
        walk(item, { selections, type, root, person, path: [...path, place] });
      });
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    const fields = fieldsOf(selections, type, document.fragments);
    const of = type === SUBJECT ? { path, subject: subjectIn(value, fields, root, persona), rows: [] } : person;
    if (of !== person) people.push(of);
    for (const field of fields.filter(({ key }) => key in value)) take(field, value[field.key], { path, root, of });
  };

  const take = (field, value, { path, root, of }) => {
    const at = [...path, field.key];
    const coordinate = `${field.type}.${field.name}`;
    const denial = errors.get(keyOf(at)) ?? null;
    const category = denial?.extensions?.category ?? categories.get(coordinate);
    if (of && category !== undefined) {
      errors.delete(keyOf(at));
      const audience = persona && audienceOf(persona, of.subject);
      const cell = cellOf(policy, { audience, purpose: persona?.claims?.purpose, category });
      of.rows.push({ path: at.slice(of.path.length), category, value, denial, cell });
    }
    const next = { selections: field.selections, type: types.fields.get(coordinate), path: at };
    walk(value, { ...next, root: root ?? field.name, person: of });
  };

  if (operation && answer.data)
    walk(answer.data, { selections: operation.selections, type: types.roots[operation.kind], path: [] });
  return { people: people.filter(({ rows }) => rows.length > 0), others: [...errors.values()] };
};
