// Runs in the browser: puts GraphiQL into the page and lets every query speak as the chosen caller.

import { element } from './elements.js';

const RENEW_BEFORE_END_MS = 60_000;
const SHORTEST_WAIT_MS = 1_000;
const LOOK_AGAIN_MS = 50;
const CALLERS_KEY = 'callers';
const FOUND_KEY = 'foundCallers';
const MOST_REMEMBERED = 20;
const SEARCH_AFTER_MS = 200;
const VISITOR = { label: 'Visitor', audience: 'VISITOR' };
const GROUPS = {
  VISITOR: 'Visitor',
  SELF: 'The person',
  MEMBER: 'Another member',
  PARTNER: 'Partners',
  STAFF: 'Staff',
};

const config = JSON.parse(document.getElementById('config').textContent);
const { endpoint, folder, examples, personas: firstPersonas, person: examplePerson } = config;

/**
 * Asks for a token of the persona, or of the person that the persona knows by an id: `{ persona, token, endsAt, subject
 * }`, in milliseconds. A visitor's is null and never ends.
 */
const requestGrant = async (persona, person) => {
  if (!persona.claims && person === undefined) return { persona, token: null, endsAt: Number.POSITIVE_INFINITY };
  const response = await fetch('/dev/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ persona: persona.id, person }),
  });
  const body = await readJson(response);
  if (!response.ok) throw new Error(`No token for ${persona.label}: ${body.detail}`);
  return { persona, token: body.token, endsAt: Date.parse(body.expiresAt), subject: body.subject };
};

const readJson = (response) => {
  if (response.headers.get('content-type')?.includes('json')) return response.json();
  throw new Error(`The gateway answered ${response.status} ${response.statusText}`);
};

/** Holds the grant of the chosen persona, and renews it before it ends. */
const createCaller = ({ onChoice, onGrant, onFailure }) => {
  let chosen;
  let grant;
  let renewal;

  const choose = (persona) => {
    chosen = persona;
    onChoice(persona);
    renew();
  };

  const renew = () => {
    clearTimeout(renewal);
    const requested = requestGrant(chosen);
    grant = requested;
    requested.then(
      (granted) => grant === requested && hold(granted),
      (error) => grant === requested && onFailure(error),
    );
    return requested;
  };

  const hold = (granted) => {
    onGrant(granted);
    if (granted.token === null) return;
    const wait = granted.endsAt - RENEW_BEFORE_END_MS - Date.now();
    renewal = setTimeout(renew, Math.max(wait, SHORTEST_WAIT_MS));
  };

  // timers stand still while a computer sleeps, and a failure deserves another try
  const current = async () => {
    const held = await grant.catch(() => null);
    return held && held.endsAt > Date.now() ? held : renew();
  };

  return { choose, chosen: () => chosen, current };
};

const isReady = () =>
  ['.graphiql-query-editor', '.result-window'].every((area) => document.querySelector(`${area} .view-line`));

/** Resolves once there is a place for a query and a place for its answer. */
const whenReady = async () => {
  while (!isReady()) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
};

/** The body of the request for an operation, as a persona asks it. */
const bodyOf = (params, persona) => ({ ...params, variables: withPerson(params, persona) });

const post = async (body, headers) =>
  dataFirst(
    await readJson(await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify(body), credentials: 'omit' })),
  );

const headersFor = (token, typed) => {
  const headers = new Headers({ accept: 'application/graphql-response+json, application/json', ...typed });
  headers.set('content-type', 'application/json');
  if (token && !headers.has('authorization')) headers.set('authorization', `Bearer ${token}`);
  return headers;
};

/** Asks as a persona that has been given a token. */
const ask = (params, persona, { token }) => post(bodyOf(params, persona), headersFor(token));

/** GraphiQL's way to the gateway. An Authorization header typed into a tab wins over the chosen caller. */
const createFetcher =
  (caller, { onSchema, onExchange }) =>
  async (params, { headers: typed } = {}) => {
    if (isIntrospection(params)) {
      const answer = await post(params, headersFor(null, typed));
      await whenReady(); // a schema takes long to build: the editor comes first
      if (answer.data) onSchema(answer.data.__schema);
      return answer;
    }
    const { persona, token } = await caller.current();
    const headers = headersFor(token, typed);
    const isOurs = headers.get('authorization') === (token ? `Bearer ${token}` : null);
    const asked = { ...params, operationName: operationNameOf(params) };
    const body = bodyOf(asked, persona);
    const answer = await post(body, headers);
    onExchange({ params: asked, body, persona: isOurs ? persona : null, answer });
    return answer;
  };

/** A partial answer begins with its errors on the wire; a reader looks for the data. */
const dataFirst = ({ data, ...rest }) => (data === undefined ? rest : { data, ...rest });

// the schema is the same for every caller, so a refused token need not hide it
const isIntrospection = ({ operationName }) => operationName === 'IntrospectionQuery';

/** GraphiQL names the operation of the tab before for a moment after another was opened. */
const operationNameOf = ({ query, operationName }) =>
  new RegExp(`\\b(query|mutation)\\s+${operationName}\\b`).test(query) ? operationName : undefined;

/** Fills in `$person`, where a query takes it and no value was typed. */
const withPerson = ({ query, variables }, { knowsPersonAs: person = examplePerson }) =>
  person && /\$person\b/.test(query) ? { person, ...variables } : variables;

/** Runs the open tab again, unless that would repeat a change. */
const createRepeater = (fetcher) => {
  let repeating = false;

  const guarded = async (params, options) =>
    repeating && isMutation(params)
      ? { errors: [{ message: 'A change is not repeated by itself. Run it to make it as this caller.' }] }
      : fetcher(params, options);

  const repeat = () => {
    const button = document.querySelector('.graphiql-execute-button');
    if (!button) return;
    const running = button.ariaLabel.startsWith('Stop');
    repeating = true;
    button.click();
    repeating = false;
    if (running) setTimeout(repeat);
  };

  return { fetcher: guarded, repeat };
};

const isMutation = ({ query }) => /\bmutation\b/.test(query.replace(/#.*/g, ''));

/** The bar's account of the caller. */
const createBar = () => {
  const description = document.getElementById('description');
  const credentials = document.getElementById('credentials');
  const status = document.getElementById('status');
  const say = (state, text) => {
    status.dataset.state = state;
    status.textContent = text;
  };
  return {
    onChoice: (persona) => {
      description.textContent = persona.description;
      credentials.textContent = credentialsOf(persona);
      say('waiting', '');
    },
    onGrant: ({ token, endsAt }) => say('granted', token ? `Token until ${timeOf(endsAt)}` : 'No token'),
    onFailure: (error) => say('failed', error.message),
  };
};

/** The claims of the token besides its subject, in a line. */
const credentialsOf = ({ claims: { sub: _, ...claims } = {} }) =>
  Object.entries(claims)
    .map(([name, value]) => `${name} ${value}`)
    .join(' · ');

const timeOf = (instant) => new Date(instant).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

/** Callers that were found by a search are remembered over a reload: a page begins with a few of many. */
const found = JSON.parse(sessionStorage.getItem(FOUND_KEY)) ?? [];

const rememberFound = (persona) => {
  if ([...firstPersonas, ...found].some(({ id }) => id === persona.id)) return;
  found.unshift(persona);
  found.length = Math.min(found.length, MOST_REMEMBERED);
  sessionStorage.setItem(FOUND_KEY, JSON.stringify(found));
};

/** The callers in the choice: those that a search finds, or the first of them and those found before. */
let listed = [...firstPersonas, ...found];

const findPersona = (wanted) => [...firstPersonas, ...found, ...listed].find(({ id }) => id === wanted);

const optionsOf = (personas) =>
  Object.entries(GROUPS).flatMap(([group, label]) => {
    const own = personas.filter((persona) => persona.group === group);
    if (own.length === 0) return [];
    return [
      element(
        'optgroup',
        { label },
        own.map(({ id, label: text }) => element('option', { value: id }, text)),
      ),
    ];
  });

/** Hands on each choice made with the bar's controls. */
const connectSwitcher = (onSwitch) => {
  const select = document.getElementById('caller');
  const chosen = () => findPersona(select.value);
  const list = (personas, keep) => {
    listed = keep && !personas.some(({ id }) => id === keep.id) ? [keep, ...personas] : personas;
    select.replaceChildren(...optionsOf(listed));
    if (keep) select.value = keep.id;
  };
  const step = (by) => {
    select.selectedIndex = (select.selectedIndex + by + select.length) % select.length;
    select.dispatchEvent(new Event('change'));
  };
  select.addEventListener('change', () => {
    rememberFound(chosen());
    onSwitch(chosen());
  });
  document.getElementById('previous').addEventListener('click', () => step(-1));
  document.getElementById('next').addEventListener('click', () => step(1));
  connectSearch((personas) => list(personas ?? [...firstPersonas, ...found], chosen()));
  if (found.length > 0) list(listed, chosen());

  const show = (persona) => {
    if (!listed.some(({ id }) => id === persona.id)) list(listed, persona);
    select.value = persona.id;
  };
  return { chosen, show };
};

/** Hands on the callers that the gateway finds for a text; null where the text is empty. */
const connectSearch = (onFound) => {
  const field = document.getElementById('find');
  const status = document.getElementById('status');
  let timer;
  const search = async () => {
    const text = field.value.trim();
    if (text === '') return onFound(null);
    const response = await fetch(`/dev/personas?search=${encodeURIComponent(text)}`);
    const personas = await readJson(response);
    if (field.value.trim() !== text || !response.ok) return;
    status.textContent = personas.length === 1 ? '1 caller found' : `${personas.length} callers found`;
    onFound(personas);
  };
  field.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(search, SEARCH_AFTER_MS);
  });
};

/** The example that a tab still is, as long as nobody has changed its query. */
const findExample = (tab) => examples.find(({ query }) => query === tab.query);

/** Remembers which caller asks in which tab, over a reload too. An example has a caller of its own to begin with. */
const createCallers = () => {
  const byTab = JSON.parse(sessionStorage.getItem(CALLERS_KEY)) ?? {};
  const of = (tab) => findPersona(byTab[tab.id]) ?? findPersona(findExample(tab)?.caller);
  const remember = ({ id }, persona) => {
    if (id === undefined) return;
    byTab[id] = persona.id;
    sessionStorage.setItem(CALLERS_KEY, JSON.stringify(byTab));
  };
  return { of, remember };
};

/**
 * Follows which tab is open, and hands on each other one that is opened. GraphiQL gives the first one its id, and tells
 * of it at the first change.
 */
const followTabs = (first, { onNamed, onOpen }) => {
  let open = first;

  const onTabChange = ({ tabs, activeTabIndex }) => {
    const tab = tabs[activeTabIndex];
    if (open.id === undefined) {
      open = tabs.find(({ query }) => query === open.query) ?? tab;
      onNamed(open);
    }
    const isSame = tab.id === open.id;
    open = tab;
    if (!isSame) setTimeout(() => onOpen(tab)); // GraphiQL is in the middle of its change
  };

  /** GraphiQL shows an answer in the tab that is open when it comes. One that another tab asked for never comes. */
  const keepApart = (fetcher) => async (params, options) => {
    const { id } = open;
    const answer = fetcher(params, options);
    await answer.catch(() => {});
    return id === open.id || isIntrospection(params) ? answer : new Promise(() => {});
  };

  return { current: () => open, onTabChange, keepApart };
};

/** Each tab has a caller, and an example is answered as soon as it is opened. */
const startSwitcher = (firstTab, listeners) => {
  const caller = createCaller(createBar());
  const { fetcher, repeat } = createRepeater(createFetcher(caller, listeners));
  const callers = createCallers();

  const open = (tab) => {
    const persona = callers.of(tab) ?? switcher.chosen();
    callers.remember(tab, persona);
    if (persona !== caller.chosen()) {
      switcher.show(persona);
      caller.choose(persona);
    }
    if (findExample(tab) && !tab.response) whenReady().then(repeat);
  };

  const tabs = followTabs(firstTab, {
    onNamed: (tab) => callers.remember(tab, switcher.chosen()),
    onOpen: open,
  });
  const switcher = connectSwitcher((persona) => {
    callers.remember(tabs.current(), persona);
    caller.choose(persona);
    repeat();
  });
  open(firstTab);
  return { fetcher: tabs.keepApart(fetcher), onTabChange: tabs.onTabChange };
};

/** Grants of callers that are not the chosen one, each for as long as it lasts. */
const createGrants = () => {
  const held = new Map();
  return async (persona, person) => {
    const key = JSON.stringify([persona.id, person]);
    const known = held.get(key);
    if (known && known.endsAt - RENEW_BEFORE_END_MS > Date.now()) return known;
    const grant = await requestGrant(persona, person);
    held.set(key, grant);
    return grant;
  };
};

/** The panel comes after the editor; the latest exchange is kept until then. */
const startInsight = () => {
  const latest = {};
  let panel;
  const tell = () => {
    if (panel && latest.schema) panel.takeSchema(latest.schema);
    if (panel && latest.exchange) panel.takeExchange(latest.exchange);
  };
  whenReady()
    .then(() => import('./insight.js'))
    .then(({ createInsight }) => {
      panel = createInsight(document.getElementById('insight'), {
        ...{ config, ask },
        grantFor: createGrants(),
        listed: () => listed,
      });
      tell();
    });
  return {
    onSchema: (schema) => {
      latest.schema = schema;
      panel?.takeSchema(schema);
    },
    onExchange: (exchange) => {
      latest.exchange = exchange;
      panel?.takeExchange(exchange);
    },
  };
};

const visitor = { current: async () => ({ persona: VISITOR, token: null }) };

/**
 * A query linked to by `?query=`, and its `variables`; they leave the address bar, where ids of people would reach logs and
 * histories. Null where there is none.
 */
const takeLinked = () => {
  const linked = new URLSearchParams(location.search);
  history.replaceState(null, '', location.pathname);
  const [query, variables] = ['query', 'variables'].map((name) => linked.get(name));
  return query ? { query, ...(variables && { variables }) } : null;
};

/** The tab that was open before a reload: told its content, GraphiQL finds it again instead of adding an empty one. */
const openTab = () => {
  const state = JSON.parse(sessionStorage.getItem('graphiql:tabState'));
  return state?.tabs[state.activeTabIndex];
};

const WORKERS = { graphql: 'graphql-worker.js', json: 'json-worker.js' };

self.MonacoEnvironment = {
  globalAPI: false,
  getWorkerUrl: (_moduleId, label) => folder + (WORKERS[label] ?? 'editor-worker.js'),
};

const listeners = startInsight();
const linked = takeLinked();
const tabs = linked ? [linked, ...examples] : examples;
const storedTab = linked ? undefined : openTab();
const { query, variables } = linked ?? storedTab ?? {};

self.YogaGraphiQL.renderYogaGraphiQL(document.getElementById('explorer'), {
  ...(firstPersonas.length > 0
    ? startSwitcher(storedTab ?? tabs[0], listeners)
    : { fetcher: createFetcher(visitor, listeners) }),
  defaultTabs: tabs,
  defaultEditorToolsVisibility: firstPersonas.length > 0 ? false : 'headers',
  initialQuery: query,
  initialVariables: variables,
  onEditQuery: undefined, // the default copies each keystroke into the address bar
  storage: sessionStorage, // typed text leaves with the window
  shouldPersistHeaders: false,
});
