import { groupBy } from '../base/group-by.ts';
import { type Html, html, joined, NOTHING } from '../base/html.ts';
import type { Policy } from '../policy/clause.ts';
import { CLAUSE_KIND_SAYS, LEGAL_BASIS_SAYS, READING_SAYS } from '../policy/common-words.ts';
import type { ChangeInWords } from '../policy/diff-words.ts';
import type { Effect } from '../policy/effect.ts';
import type { MatrixRow } from '../policy/matrix.ts';
import { cellInWords, LEGEND, MATRIX_STYLE, matrixTable } from '../policy/matrix-page.ts';
import { type ClauseView, categoryIds, type PolicyView, type RulingView, rowNamesOf } from '../policy/policy-view.ts';
import { createPages } from './pages.ts';

export const POLICY_PATH = '/policy';

const pathOfVersion = (version: string) => `${POLICY_PATH}/${version}`;
const pathOfDiff = (from: string, to: string) => `${POLICY_PATH}/diff/${from}/${to}`;

const pages = createPages(`
main { max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3, h4 { line-height: 1.25; }
h4 { margin-bottom: .25rem; }
h1, h2, h3, h4, code, dd, dt, li, p, td { overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .25rem 1rem; margin: .25rem 0 1rem; }
dd { margin: 0; }
form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; margin: 1rem 0; }
label { display: grid; max-width: 100%; }
select { font: inherit; max-width: min(18rem, 100%); min-height: 2rem; }
.note { border-left: .25rem solid currentColor; padding: .25rem .75rem; }
.shown a { display: inline-block; min-width: 1.5rem; min-height: 1.5rem; color: inherit; text-decoration: none; }
:target { scroll-margin-top: 1rem; outline: 2px solid currentColor; outline-offset: .5rem; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
@media print { nav, form { display: none; } main { max-width: none; margin: 0; } .scroll { overflow: visible; } table { font-size: 8pt; } article { break-inside: avoid; } }
${MATRIX_STYLE}`);

export const POLICY_HEADERS = pages.headers;

/** Which part of a matrix is asked for; null is all of it. */
export interface MatrixFilter {
  readonly category: string | null;
  readonly recipient: string | null;
  readonly purpose: string | null;
}

const dateOf = (at: Date) => {
  const day = at.toISOString().slice(0, 10);
  return html`<time datetime="${at.toISOString()}">${day}</time>`;
};

const STANDING_SAYS = {
  EARLIER: 'An earlier version. People who accepted it are judged under it until they accept a later one.',
  IN_FORCE: 'This version is in force.',
  ANNOUNCED: 'Announced, and not in force yet.',
} as const;

function standing({ standing, postedAt, holdsFrom }: PolicyView): Html {
  const posted = postedAt ? html` Posted on ${dateOf(postedAt)}.` : NOTHING;
  const begins = holdsFrom && standing === 'ANNOUNCED' ? html` It holds from ${dateOf(holdsFrom)}.` : NOTHING;
  return html`<p class="note">${STANDING_SAYS[standing]}${begins}${posted}</p>`;
}

const STANDING_IN_LISTS = { EARLIER: '', IN_FORCE: ' (in force)', ANNOUNCED: ' (announced, not in force)' } as const;

/** Links to every version, and to the changes of each. */
const versionsNav = (views: readonly PolicyView[], shown: string | null): Html =>
  html`<nav aria-label="Versions of the policy"><ul>${views.map(({ version, standing }, place) => {
    const before = views[place - 1]?.version;
    const here = version === shown ? html` aria-current="page"` : NOTHING;
    const changes =
      before === undefined ? NOTHING : html`: <a href="${pathOfDiff(before, version)}">changes of ${version}</a>`;
    return html`<li><a href="${pathOfVersion(version)}"${here}>Version ${version}</a>${STANDING_IN_LISTS[standing]}${changes}</li>`;
  })}</ul></nav>`;

const definition = (term: string, text: Html | string | null | undefined): Html =>
  text === null || text === undefined ? NOTHING : html`<dt>${term}</dt><dd>${text}</dd>`;

const ruling = ({ to, purposes, categories, onlyIf }: RulingView): Html =>
  html`<li><strong>${to}</strong>${purposes ? ` for ${purposes.join(', ')}` : ''}: ${categories}${onlyIf === null ? '' : `; only if ${onlyIf}`}</li>`;

const rulings = (term: string, list: readonly RulingView[]): Html =>
  definition(term, list.length === 0 ? null : html`<ul>${list.map(ruling)}</ul>`);

const sentence = (text: string, why: string | undefined): string =>
  why === undefined ? `${text}.` : `${text}: ${why}`;

/** Why a clause is read as it is; a narrowed one may rest on an inference as well. */
const reading = ({ reading, narrowing, inference }: ClauseView): Html =>
  html`${joined(
    [
      html`${sentence(READING_SAYS[reading], reading === 'INFERRED' ? inference : narrowing)}`,
      ...(reading === 'NARROWED' && inference !== undefined ? [html`${READING_SAYS.INFERRED}: ${inference}`] : []),
    ],
    ' ',
  )}`;

const clauseLink = (id: string): Html => html`<a href="#${id}">${id}</a>`;

const clause = (
  view: ClauseView,
): Html => html`<article id="${view.id}"><h4>${clauseLink(view.id)}</h4><p>${view.summary}</p><dl>
${definition(
  'It',
  html`${joined(
    view.kind.map((kind) => html`${CLAUSE_KIND_SAYS[kind]}`),
    ' ',
  )}`,
)}
${definition('Reading', reading(view))}
${definition('Legal basis', LEGAL_BASIS_SAYS[view.legalBasis])}
${rulings('Reveals', view.reveals)}
${rulings('Forbids', view.forbids)}
${definition('Conflict', view.conflict && html`With ${clauseLink(view.conflict.with)}: ${view.conflict.settledBy}`)}
</dl></article>
`;

/** Clauses under the headings of the policy's text. */
const clauses = (list: readonly ClauseView[]): Html =>
  html`<h2 id="clauses">Clauses</h2>
${[...groupBy(list, ({ section }) => section)].map(
  ([section, own]) => html`<section><h3>${section}</h3>
${own.map(clause)}</section>`,
)}`;

const filtered = (rows: readonly MatrixRow[], { category, recipient, purpose }: MatrixFilter): MatrixRow[] =>
  rows
    .filter((row) => recipient === null || row.recipient === recipient)
    .filter((row) => purpose === null || row.purpose === null || row.purpose === purpose)
    .map((row) => ({ ...row, cells: row.cells.filter((cell) => category === null || cell.category === category) }))
    .filter(({ cells }) => cells.length > 0);

const choice = (name: keyof MatrixFilter, label: string, options: readonly string[], chosen: string | null): Html =>
  html`<label>${label}<select name="${name}"><option value="">(every one)</option>${options.map(
    (option) => html`<option${option === chosen ? html` selected` : NOTHING}>${option}</option>`,
  )}</select></label>`;

function filterForm(view: PolicyView, filter: MatrixFilter): Html {
  const { recipients, purposes } = rowNamesOf(view.matrix);
  const path = pathOfVersion(view.version);
  return html`<form method="get" action="${path}#matrix">
${choice('category', 'Data category', categoryIds(view), filter.category)}
${choice('recipient', 'Recipient', recipients, filter.recipient)}
${choice('purpose', 'Purpose', purposes, filter.purpose)}
<button>Show</button> <a href="${path}#matrix">Show everything</a></form>`;
}

const dotLink = (cell: MatrixRow['cells'][number]): Html =>
  html`<a href="#${cell.clauses[0] ?? ''}" aria-label="revealed by ${cellInWords(cell)}" title="${cellInWords(cell)}">●</a>`;

/** The part of a matrix that was asked for, a line for each cell, with its conditions. */
const cellsTable = (rows: readonly MatrixRow[]): Html => html`<table>
<thead><tr><th scope="col">Recipient</th><th scope="col">Purpose</th><th scope="col">May see</th><th scope="col">Clause</th><th scope="col">Only if</th></tr></thead>
<tbody>${rows.flatMap(({ recipient, purpose, cells }) =>
  cells.map(
    (
      cell,
    ) => html`<tr><th scope="row">${recipient}</th><td>${purpose ?? '(any)'}</td><td>${cell.category}</td><td>${joined(
      cell.clauses.map(clauseLink),
      ', ',
    )}</td><td>${cell.conditions.join(', or if ')}</td></tr>
`,
  ),
)}</tbody></table>`;

function matrix(view: PolicyView, filter: MatrixFilter): Html {
  const rows = filtered(view.matrix, filter);
  const asked = Object.values(filter).some((part) => part !== null);
  const table = asked ? cellsTable(rows) : matrixTable(categoryIds(view), rows, dotLink);
  const legend = asked ? '' : `${LEGEND} `;
  return html`<h2 id="matrix">Who may see what</h2>
${filterForm(view, filter)}
<p>${legend}${view.partners}</p>
${
  rows.length === 0
    ? html`<p>The policy reveals nothing of that kind.</p>`
    : html`<div class="scroll" role="region" aria-label="Who may see what" tabindex="0">${table}</div>`
}
`;
}

const words = (heading: string, list: readonly { readonly id: string; readonly says: string }[]): Html =>
  html`<h3>${heading}</h3><dl>${list.map(({ id, says }) => definition(id, says))}</dl>
`;

/**
 * A version of the policy: the table of recipients and categories, each clause in words, and the words that it uses.
 */
export const policyPage = (view: PolicyView, versions: readonly PolicyView[], filter: MatrixFilter): string => {
  const title = html`${view.publisher}: ${view.title}`;
  const body = html`<h1>${title}</h1>
<p>Version <code>${view.version}</code></p>
${standing(view)}
${versionsNav(versions, view.version)}
${matrix(view, filter)}${clauses(view.clauses)}
<h2 id="words">Words</h2>
${words('Data categories', view.categories)}${words('Recipients', view.recipients)}${words('Purposes', view.purposes)}`;
  return pages.document(`${title.source}, ${view.version}`, body.source);
};

const EFFECT_SAYS: Readonly<Record<Effect, string>> = {
  WIDER: 'Somebody is shown more',
  NARROWER: 'Somebody is shown less',
  CHANGES: 'Other changes',
};

/** The changes of a version against another one; wider first. */
export function diffPage(
  { before, after }: { readonly before: Policy; readonly after: Policy },
  changes: readonly ChangeInWords[],
  versions: readonly PolicyView[],
): string {
  const title = html`Changes from version ${before.version} to ${after.version}`;
  const groups = Object.entries(EFFECT_SAYS).map(([effect, says]) => {
    const own = changes.filter((change) => change.effect === effect);
    if (own.length === 0) return NOTHING;
    return html`<h2>${says}</h2><ul>${own.map((change) => html`<li>${change.says}</li>`)}</ul>
`;
  });
  const body = html`<h1>${title}</h1>
<p>${after.publisher}: ${after.title}</p>
${versions.filter(({ version }) => version === after.version).map(standing)}
${versionsNav(versions, null)}
${changes.length === 0 ? html`<p>Nothing changes.</p>` : groups}
<p><a href="${pathOfDiff(after.version, before.version)}">The other way round</a></p>`;
  return pages.document(title.source, body.source);
}

/** For an address of a version that is not there. */
export const noVersionPage = (versions: readonly PolicyView[]): string =>
  pages.document(
    'No such version',
    html`<h1>There is no such version of the policy.</h1>${versionsNav(versions, null)}`.source,
  );
