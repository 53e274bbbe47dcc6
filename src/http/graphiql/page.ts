import { escapeHtml } from '../../base/html.ts';
import { REASON_SAYS } from '../../policy/common-words.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import { POLICY_PATH } from '../policy-pages.ts';
import { examplesFor, subjectOf } from './examples.ts';
import type { Persona, PersonaGroup } from './personas.ts';

export interface ExplorerOptions {
  /** Path of the GraphQL endpoint; the page's own files lie under it. */
  readonly endpoint: string;
  /** The policy that the examples show. */
  readonly table: DecisionTable;
  /** Callers to choose from; left out, the page has no switcher and says how to paste a token. */
  readonly personas?: readonly Persona[];
}

const GROUPS: readonly (readonly [PersonaGroup, string])[] = [
  ['VISITOR', 'Visitor'],
  ['SELF', 'The person'],
  ['MEMBER', 'Another member'],
  ['PARTNER', 'Partners'],
  ['STAFF', 'Staff'],
];

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%23185abc'/%3E%3Cpath d='m4 8.5 3 3 5-7' fill='none' stroke='%23fff' stroke-width='2'/%3E%3C/svg%3E";

/** Everything from this origin and no inline script; the editor sets style attributes and carries its icon font. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The folder of the page's files, with its closing slash. */
export const assetFolder = (endpoint: string) => `${endpoint}/explorer/`;

/** The explorer page with its caller switcher, and the headers it must be served with. */
export function renderExplorer({ endpoint, table, personas = [] }: ExplorerOptions) {
  const folder = assetFolder(endpoint);
  const config = {
    ...{ endpoint, folder, personas, policy: POLICY_PATH, reasons: REASON_SAYS },
    examples: examplesFor(personas, table),
    person: subjectOf(personas, 'SELF'),
  };
  const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Assent explorer</title>
    <link rel="icon" href="${ICON}">
    <link rel="stylesheet" href="${folder}graphiql.css">
    <link rel="stylesheet" href="${folder}client.css">
    <link rel="modulepreload" href="${folder}elements.js">
    <script src="${folder}graphiql.js" defer></script>
    <script src="${folder}client.js" type="module"></script>
  </head>
  <body>
    <header class="callers"><h1>Assent explorer</h1>${personas.length > 0 ? switcher(personas) : PASTE_A_TOKEN}</header>
    <div class="work">
      <main id="explorer"><noscript>The explorer needs JavaScript.</noscript></main>
      <aside id="insight" aria-label="About the answer"></aside>
    </div>
    <script id="config" type="application/json">${JSON.stringify(config).replaceAll('<', '\\u003c')}</script>
  </body>
</html>
`;
  return { html, headers: HEADERS };
}

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  vary: 'accept',
};

const POLICY_LINK = `<a href="${POLICY_PATH}" target="_blank">The policy</a>`;

const PASTE_A_TOKEN = `<p>You ask as a visitor. To ask as someone else, paste <code>{ "Authorization": "Bearer …" }</code> under Headers.</p>${POLICY_LINK}`;

const switcher = (personas: readonly Persona[]) => `
      <div class="choice">
        <label for="caller">Ask as</label>
        <button type="button" id="previous" aria-label="Previous caller">‹</button>
        <select id="caller" autocomplete="off">${GROUPS.map(([group, label]) => options(personas, group, label)).join('')}</select>
        <button type="button" id="next" aria-label="Next caller">›</button>
      </div>
      <div class="choice">
        <label for="find">Find</label>
        <input type="search" id="find" autocomplete="off" placeholder="name, kind or purpose">
      </div>
      <p class="account"><span id="description"></span><code id="credentials"></code></p>
      <p id="status" role="status"></p>
      ${POLICY_LINK}
    `;

function options(personas: readonly Persona[], group: PersonaGroup, label: string): string {
  const members = personas.filter((persona) => persona.group === group);
  if (members.length === 0) return '';
  const choices = members.map(({ id, label }) => `<option value="${escapeHtml(id)}">${escapeHtml(label)}</option>`);
  return `<optgroup label="${label}">${choices.join('')}</optgroup>`;
}
