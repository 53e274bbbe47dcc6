// Runs in the browser: puts GraphiQL into the page and lets every query speak as the chosen caller.

const RENEW_BEFORE_END_MS = 60_000;
const SHORTEST_WAIT_MS = 1_000;
const CHOICE_KEY = 'caller';
const VISITOR = { credentials: null };

const { endpoint, folder, tabs, personas } = JSON.parse(document.getElementById('config').textContent);

/** Asks for a token of the persona: `{ persona, token, endsAt }`, in milliseconds. A visitor's is null and never ends. */
const requestGrant = async (persona) => {
  if (!persona.credentials) return { persona, token: null, endsAt: Number.POSITIVE_INFINITY };
  const response = await fetch('/dev/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ persona: persona.id }),
  });
  const body = await readJson(response);
  if (!response.ok) throw new Error(`No token for ${persona.label}: ${body.detail}`);
  return { persona, token: body.token, endsAt: Date.parse(body.expiresAt) };
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

  return { choose, current };
};

/** GraphiQL's way to the gateway. An Authorization header typed into a tab wins over the chosen caller. */
const createFetcher =
  (caller) =>
  async (params, { headers: typed } = {}) => {
    const { persona, token } = isIntrospection(params) ? { persona: VISITOR, token: null } : await caller.current();
    const headers = new Headers({ accept: 'application/graphql-response+json, application/json', ...typed });
    headers.set('content-type', 'application/json');
    if (token && !headers.has('authorization')) headers.set('authorization', `Bearer ${token}`);
    const body = JSON.stringify({ ...params, variables: withPerson(params, persona) });
    return readJson(await fetch(endpoint, { method: 'POST', headers, body, credentials: 'omit' }));
  };

// the schema is the same for every caller, so a refused token need not hide it
const isIntrospection = ({ operationName }) => operationName === 'IntrospectionQuery';

/** Fills in `$person`, where a query takes it and no value was typed. */
const withPerson = ({ query, variables }, { person }) =>
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

/** The bar's account of who asks. */
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
      credentials.textContent = persona.credentials ?? '';
      say('waiting', '');
    },
    onGrant: ({ token, endsAt }) => say('granted', token ? `Token until ${timeOf(endsAt)}` : 'No token'),
    onFailure: (error) => say('failed', error.message),
  };
};

const timeOf = (instant) => new Date(instant).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

/** Hands on each choice made with the bar's controls, the one of before a reload first. */
const connectSwitcher = ({ onStart, onSwitch }) => {
  const select = document.getElementById('caller');
  const chosen = () => personas.find(({ id }) => id === select.value);
  const step = (by) => {
    select.selectedIndex = (select.selectedIndex + by + select.length) % select.length;
    select.dispatchEvent(new Event('change'));
  };
  select.addEventListener('change', () => {
    sessionStorage.setItem(CHOICE_KEY, select.value);
    onSwitch(chosen());
  });
  document.getElementById('previous').addEventListener('click', () => step(-1));
  document.getElementById('next').addEventListener('click', () => step(1));

  select.value = sessionStorage.getItem(CHOICE_KEY);
  if (!chosen()) select.selectedIndex = 0;
  onStart(chosen());
};

const startSwitcher = () => {
  const caller = createCaller(createBar());
  const { fetcher, repeat } = createRepeater(createFetcher(caller));
  const switchTo = (persona) => {
    caller.choose(persona);
    repeat();
  };
  connectSwitcher({ onStart: caller.choose, onSwitch: switchTo });
  return fetcher;
};

const visitor = { current: async () => ({ persona: VISITOR, token: null }) };

/** A query linked to by `?query=`; it leaves the address bar, where ids of people would reach logs and histories. */
const takeLinkedQuery = () => {
  const query = new URLSearchParams(location.search).get('query');
  history.replaceState(null, '', location.pathname);
  return query;
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

const linkedQuery = takeLinkedQuery();
const { query, variables } = linkedQuery ? { query: linkedQuery } : (openTab() ?? {});

self.YogaGraphiQL.renderYogaGraphiQL(document.getElementById('explorer'), {
  fetcher: personas.length > 0 ? startSwitcher() : createFetcher(visitor),
  defaultTabs: linkedQuery ? [{ query }, ...tabs] : tabs,
  defaultEditorToolsVisibility: personas.length > 0 ? false : 'headers',
  initialQuery: query,
  initialVariables: variables,
  onEditQuery: undefined, // the default copies each keystroke into the address bar
  storage: sessionStorage, // what was typed leaves with the window
  shouldPersistHeaders: false,
});
