// The panel beside an answer: the decisions and their reasons, the same for other callers, and the query to take along.

import { compare } from './comparison.js';
import { audienceOf, decisionsIn, readTypes } from './decisions.js';
import { button, element } from './elements.js';
import { asCurl, asScript } from './snippets.js';

const MOST_CALLERS = 6;
const LONGEST_VALUE = 60;

const EXPLAIN = (category) => `query Why($subject: ID!, $recipient: ID!, $purpose: Purpose) {
  explain(subject: $subject, category: ${category}, recipient: $recipient, purpose: $purpose) {
    outcome
    reason
    acceptedVersion
    clauses { clause { key summary } policyVersion applies holds conditions { ...Step of { ...Step of { ...Step of { ...Step } } } } }
  }
}
fragment Step on ConditionTrace { operator says holds }`;

const shortened = (text) => (text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text);

const TRUTHS = { TRUE: 'holds', FALSE: 'does not hold', UNKNOWN: 'is not known' };

const HISTORY_KEY = 'asked';
const LONGEST_HISTORY = 30;

/** The operations asked in this window, the latest first; they hold no token, and leave with the window. */
const asked = JSON.parse(sessionStorage.getItem(HISTORY_KEY)) ?? [];

const remember = ({ params, persona }) => {
  const entry = { params, caller: persona?.label ?? 'the bearer of a token of yours' };
  const text = JSON.stringify(entry);
  const others = asked.filter((known) => JSON.stringify(known) !== text);
  asked.splice(0, asked.length, entry, ...others.slice(0, LONGEST_HISTORY - 1));
  sessionStorage.setItem(HISTORY_KEY, JSON.stringify(asked));
};

const titleOf = ({ query, operationName }) =>
  operationName ?? shortened(query.replace(/#.*/g, '').replaceAll(/\s+/g, ' ').trim());

const pathText = (path) => path.join('.') || 'answer';

/**
 * Draws the panel.
 *
 * @param config of the page: the address of the policy, the texts of reasons
 * @param ask  asks an operation as a persona: `(params, persona, grant)`
 * @param grantFor  a token of a persona: `(persona, person)`
 * @param listed  the personas that can be chosen
 */
export const createInsight = (root, { config, ask, grantFor, listed }) => {
  let exchange;
  let types;
  let policy;

  const clauseLink = (id, version = '') =>
    element('a', { href: `${config.policy}${version && `/${version}`}#${id}`, target: '_blank' }, id);

  const clausesOf = ({ cell, denial }) => {
    if (!cell) return [];
    const links = cell.clauses.flatMap((id, place) => [place > 0 ? ', ' : '', clauseLink(id)]);
    const conditions = cell.conditions.join(', or if ');
    return denial
      ? [element('p', {}, 'Shown by ', ...links, conditions ? ` only if ${conditions}.` : '.')]
      : [' by ', ...links];
  };

  const conditionTree = ({ says, holds, of = [] }) =>
    element('li', {}, `${says}: ${TRUTHS[holds]}`, of.length > 0 ? element('ul', {}, of.map(conditionTree)) : null);

  const reasoning = ({ outcome, reason, acceptedVersion, clauses }) => [
    element(
      'p',
      {},
      outcome === 'REVEAL' ? 'It is revealed' : `It is denied (${reason})`,
      acceptedVersion ? ` under version ${acceptedVersion}, which the person accepted.` : '.',
    ),
    clauses.length === 0 ? element('p', {}, 'No clause speaks of it.') : null,
    ...clauses.map(({ clause, policyVersion, applies, holds, conditions }) =>
      element(
        'div',
        {},
        element(
          'p',
          {},
          clauseLink(clause.key, policyVersion),
          applies ? `: ${TRUTHS[holds]}` : ': not for this purpose',
        ),
        element('ul', {}, conditionTree(conditions)),
      ),
    ),
  ];

  /** Asks for the reasoning as the person: the gateway owes it to nobody else. */
  const explain = async ({ category }, { subject }, persona) => {
    const grant = await grantFor(persona, subject);
    const { claims } = persona;
    const variables = {
      subject: grant.subject,
      recipient: claims?.kind === 'partner' ? claims.sub : audienceOf(persona, subject),
      purpose: claims?.purpose ?? null,
    };
    const { data, errors = [] } = await ask({ query: EXPLAIN(category), variables }, persona, grant);
    if (!data?.explain) throw new Error(errors[0]?.message ?? 'The gateway tells nothing of this person.');
    return data.explain;
  };

  const whyButton = (row, person, persona, place) =>
    button(
      'Why?',
      async ({ currentTarget }) => {
        currentTarget.setAttribute('aria-expanded', 'true');
        place.replaceChildren('…');
        const told = await explain(row, person, persona).then(reasoning, ({ message }) => [message]);
        place.replaceChildren(...told.filter((part) => part !== null));
      },
      { 'aria-expanded': 'false', 'aria-label': `Why? ${pathText(row.path)}` },
    );

  const decisionRow = (row, person, persona) => {
    const { path, category, value, denial } = row;
    const place = element('div', { className: 'why', role: 'status' });
    const reason = denial?.extensions?.reason;
    return element(
      'li',
      { className: denial ? 'denied' : 'shown' },
      element('code', {}, pathText(path)),
      element('strong', {}, denial ? ' denied' : ' shown'),
      ` ${category}`,
      denial ? `: ${reason ?? denial.message}` : value === null ? ' (nothing is held)' : '',
      denial ? null : clausesOf(row),
      persona && config.personas.length > 0 && person.subject !== undefined
        ? [' ', whyButton(row, person, persona, place)]
        : null,
      reason ? element('p', {}, config.reasons[reason] ?? '') : null,
      denial ? clausesOf(row) : null,
      place,
    );
  };

  const decisions = () => {
    if (!exchange) return [element('p', {}, 'Run a query to see what was shown of whom.')];
    if (!types || !policy) return [element('p', {}, 'Reading the policy …')];
    const { people, others } = decisionsIn(exchange, types, policy);
    return [
      element('p', {}, `Asked as: ${exchange.persona?.label ?? 'the bearer of the token under Headers'}.`),
      ...people.flatMap((person) => [
        element('h3', {}, `${pathText(person.path)}${person.subject === undefined ? '' : ` (${person.subject})`}`),
        element(
          'ul',
          { className: 'decisions' },
          person.rows.map((row) => decisionRow(row, person, exchange.persona)),
        ),
        person.subject === undefined ? element('p', {}, 'Ask for `id` to be told why.') : null,
      ]),
      ...others.map(({ path = [], message, extensions }) =>
        element(
          'p',
          { className: 'denied' },
          element('code', {}, pathText(path)),
          ` ${message} `,
          config.reasons[extensions?.reason] ?? '',
        ),
      ),
      people.length + others.length === 0 ? element('p', {}, 'Nothing in the answer is about a person.') : null,
    ].filter((part) => part !== null);
  };

  const chosen = [];

  const comparisonTable = (answers, callers) => {
    const rows = compare(answers);
    return element(
      'table',
      {},
      element('caption', {}, `${rows.filter(({ differs }) => differs).length} of ${rows.length} fields differ.`),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          ['Field', ...callers.map(({ label }) => label)].map((text) => element('th', { scope: 'col' }, text)),
        ),
      ),
      element(
        'tbody',
        {},
        rows.map(({ path, cells, differs }) =>
          element(
            'tr',
            { className: differs ? 'differs' : '' },
            element('th', { scope: 'row' }, differs ? '≠ ' : '', path),
            cells.map((text) => element('td', {}, shortened(text))),
          ),
        ),
      ),
    );
  };

  const comparison = () => {
    const out = element('div', {
      className: 'scroll',
      role: 'region',
      tabIndex: 0,
      'aria-label': 'Answers side by side',
    });
    const chips = element('ul', { className: 'chips' });
    const select = element(
      'select',
      { id: 'other-caller' },
      listed().map(({ id, label }) => element('option', { value: id }, label)),
    );
    const run = async () => {
      chips.replaceChildren(
        ...chosen.map((persona) =>
          element(
            'li',
            {},
            persona.label,
            ' ',
            button('×', () => drop(persona), { 'aria-label': `Leave out ${persona.label}` }),
          ),
        ),
      );
      if (!exchange || chosen.length < 2) {
        out.replaceChildren(element('p', {}, 'Add callers: the last query is asked as each of them.'));
        return;
      }
      if (/^\s*mutation\b/m.test(exchange.params.query)) {
        out.replaceChildren(element('p', {}, 'A change is not made for several callers.'));
        return;
      }
      const callers = [...chosen];
      out.replaceChildren('…');
      const answers = await Promise.all(
        callers.map((persona) =>
          grantFor(persona)
            .then((grant) => ask(exchange.params, persona, grant))
            .catch(({ message }) => ({ errors: [{ message }] })),
        ),
      );
      out.replaceChildren(comparisonTable(answers, callers));
    };
    const drop = (persona) => {
      chosen.splice(chosen.indexOf(persona), 1);
      run();
    };
    const add = () => {
      const persona = listed().find(({ id }) => id === select.value);
      if (persona && !chosen.includes(persona) && chosen.length < MOST_CALLERS) chosen.push(persona);
      run();
    };
    if (chosen.length === 0 && exchange?.persona?.label) chosen.push(exchange.persona);
    run();
    return [
      element(
        'p',
        { className: 'choice' },
        element('label', { htmlFor: 'other-caller' }, 'Caller'),
        select,
        button('Add', add),
        button('Ask again', run),
      ),
      chips,
      out,
    ];
  };

  const copying = () => {
    if (!exchange) return [element('p', {}, 'Run a query to take it along.')];
    const { body, persona } = exchange;
    const out = element('pre', { tabIndex: 0, role: 'region', 'aria-label': 'The copied text' });
    const status = element('p', { role: 'status' });
    const copier = (label, textOf) =>
      button(label, async () => {
        const { token } = persona ? await grantFor(persona) : { token: null };
        const text = textOf({ url: new URL(config.endpoint, location.href).href, token, body });
        out.textContent = text;
        const isCopied = await navigator.clipboard.writeText(text).then(
          () => true,
          () => false,
        );
        status.textContent = isCopied ? 'Copied.' : 'Select the text to copy it.';
      });
    return [
      element(
        'p',
        { className: 'choice' },
        copier('curl', asCurl),
        copier('JavaScript', asScript),
        persona?.claims ? copier('Token', ({ token }) => token ?? '') : null,
      ),
      persona ? null : element('p', {}, 'A token that was typed under Headers is not copied.'),
      status,
      out,
    ].filter((part) => part !== null);
  };

  const history = () => [
    element('p', {}, 'What was asked in this window, the latest first. A link opens it in another one.'),
    element(
      'ul',
      { className: 'chips' },
      asked.map(({ params, caller }) => {
        const search = new URLSearchParams({ query: params.query });
        if (params.variables) search.set('variables', JSON.stringify(params.variables));
        const link = { href: `${config.endpoint}?${search}`, target: '_blank' };
        return element('li', {}, element('a', link, titleOf(params)), ` as ${caller}`);
      }),
    ),
  ];

  const tabs = [
    { id: 'decisions', title: 'Decisions', draw: decisions },
    ...(config.personas.length > 1 ? [{ id: 'comparison', title: 'Side by side', draw: comparison }] : []),
    { id: 'copying', title: 'Copy', draw: copying },
    { id: 'history', title: 'History', draw: history },
  ];
  let open = tabs[0];
  const panel = element('div', { id: 'insight-panel', role: 'tabpanel', tabIndex: 0 });
  const handles = tabs.map((tab) =>
    button(tab.title, () => show(tab), { id: `tab-${tab.id}`, role: 'tab', 'aria-controls': 'insight-panel' }),
  );

  const draw = () => panel.replaceChildren(...open.draw());
  /** A comparison stays until it is asked again. */
  const refresh = () => {
    if (open.id !== 'comparison') draw();
  };
  const show = (tab) => {
    open = tab;
    for (const [place, handle] of handles.entries()) {
      const isOpen = tabs[place] === open;
      handle.setAttribute('aria-selected', String(isOpen));
      handle.tabIndex = isOpen ? 0 : -1;
    }
    panel.setAttribute('aria-labelledby', `tab-${open.id}`);
    draw();
  };
  const step = ({ key }) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (by === undefined) return;
    const place = (tabs.indexOf(open) + by + tabs.length) % tabs.length;
    show(tabs[place]);
    handles[place].focus();
  };

  root.replaceChildren(
    element('h2', {}, 'About the answer'),
    element('div', { role: 'tablist', 'aria-label': 'About the answer', onkeydown: step }, handles),
    panel,
  );
  show(open);
  fetch(config.policy, { headers: { accept: 'application/json' } })
    .then((response) => response.json())
    .then((told) => {
      policy = told;
      refresh();
    });

  return {
    takeSchema: (schema) => {
      types = readTypes(schema);
      refresh();
    },
    takeExchange: (latest) => {
      exchange = latest;
      remember(latest);
      refresh();
    },
  };
};
