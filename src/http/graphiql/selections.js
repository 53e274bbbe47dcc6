// Reads which fields a document asks for: enough to tell the field behind each key of an answer that came for it.

const TOKEN = /#[^\n]*|"""(?:\\"""|[\s\S])*?"""|"(?:\\.|[^"\\\n])*"|\.\.\.|[_A-Za-z]\w*|[^\s,]/g;
const OPERATIONS = ['query', 'mutation', 'subscription'];

/** Walks the tokens of a document. */
const createReader = (source) => {
  const tokens = (source.match(TOKEN) ?? []).filter((token) => !token.startsWith('#'));
  let at = 0;
  const reader = {
    peek: () => tokens[at],
    next: () => tokens[at++],
    isOver: () => at >= tokens.length,
    /** Passes over a group that begins with an opening bracket, if one comes next. */
    skipGroup: (opening) => {
      if (tokens[at] !== opening) return;
      let depth = 0;
      do {
        if (['(', '[', '{'].includes(tokens[at])) depth += 1;
        if ([')', ']', '}'].includes(tokens[at])) depth -= 1;
        at += 1;
      } while (depth > 0 && at < tokens.length);
    },
    skipDirectives: () => {
      while (tokens[at] === '@') {
        at += 2;
        reader.skipGroup('(');
      }
    },
  };
  return reader;
};

const readSelections = (reader) => {
  const found = [];
  if (reader.peek() !== '{') return found;
  reader.next();
  while (!reader.isOver() && reader.peek() !== '}')
    found.push(reader.peek() === '...' ? readSpread(reader) : readField(reader));
  reader.next();
  return found;
};

const readField = (reader) => {
  const key = reader.next();
  const isAlias = reader.peek() === ':';
  if (isAlias) reader.next();
  const name = isAlias ? reader.next() : key;
  reader.skipGroup('(');
  reader.skipDirectives();
  return { key, name, selections: readSelections(reader) };
};

const readSpread = (reader) => {
  reader.next();
  if (reader.peek() === 'on') {
    reader.next();
    const on = reader.next();
    reader.skipDirectives();
    return { on, selections: readSelections(reader) };
  }
  if (['{', '@'].includes(reader.peek())) {
    reader.skipDirectives();
    return { selections: readSelections(reader) };
  }
  const fragment = reader.next();
  reader.skipDirectives();
  return { fragment };
};

/** `{ operations: [{ kind, name, selections }], fragments: { [name]: { on, selections } } }`. */
export const readDocument = (source) => {
  const reader = createReader(source);
  const operations = [];
  const fragments = {};
  while (!reader.isOver()) {
    const kind = reader.peek() === '{' ? 'query' : reader.next();
    if (OPERATIONS.includes(kind)) {
      const name = ['(', '{', '@'].includes(reader.peek()) ? undefined : reader.next();
      reader.skipGroup('(');
      reader.skipDirectives();
      operations.push({ kind, name, selections: readSelections(reader) });
    } else if (kind === 'fragment') {
      const name = reader.next();
      reader.next();
      const on = reader.next();
      reader.skipDirectives();
      fragments[name] = { on, selections: readSelections(reader) };
    }
  }
  return { operations, fragments };
};

/** The operation of a document that is run. */
export const operationOf = ({ operations }, name) =>
  operations.find((operation) => operation.name === name) ?? operations[0];

/** Each field of a selection with the type that it is a field of; a field asked for twice under one key is one. */
export const fieldsOf = (selections, type, fragments) => {
  const merged = new Map();
  for (const field of flatten(selections, type, fragments)) {
    const known = merged.get(field.key);
    merged.set(field.key, known ? { ...known, selections: [...known.selections, ...field.selections] } : field);
  }
  return [...merged.values()];
};

const flatten = (selections, type, fragments) =>
  selections.flatMap((selection) => {
    if (selection.name !== undefined) return [{ ...selection, type }];
    const { on = type, selections: own = [] } =
      selection.fragment === undefined ? selection : (fragments[selection.fragment] ?? {});
    return flatten(own, on, fragments);
  });
