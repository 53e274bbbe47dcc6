// Puts the answers that several callers got for one query side by side.

const keyOf = (path) => path.join('.');

const leavesOf = (value, path = []) => {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  const inner = Object.entries(value).flatMap(([key, part]) => leavesOf(part, [...path, key]));
  return inner.length > 0 ? inner : [[path, value]];
};

const saysOf = ({ message, extensions }) => `denied: ${extensions?.reason ?? extensions?.code ?? message}`;

/** The content of one answer at each path. */
const cellsOf = ({ data, errors = [] }) =>
  new Map([
    ...(data ? leavesOf(data).map(([path, value]) => [keyOf(path), JSON.stringify(value)]) : []),
    ...errors.map((error) => [keyOf(error.path ?? []), saysOf(error)]),
  ]);

const ABSENT = 'not in the answer';

/** @returns a row for each path of any answer: `{ path, cells, differs }` */
export const compare = (answers) => {
  const columns = answers.map(cellsOf);
  const paths = [...new Set(columns.flatMap((column) => [...column.keys()]))];
  return paths.map((path) => {
    const cells = columns.map((column) => column.get(path) ?? ABSENT);
    return { path: path || '(the answer)', cells, differs: new Set(cells).size > 1 };
  });
};
