import { type Html, html } from '../base/html.ts';
import type { Policy } from './clause.ts';
import { type MatrixCell, type MatrixRow, partnersInWords } from './matrix.ts';
import { type DataCategory, idsOf } from './vocabulary.ts';

/** The look of a matrix, for each page that shows one. */
export const MATRIX_STYLE = `
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { border: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding: .3rem .5rem; text-align: left; }
.matrix thead th { writing-mode: vertical-rl; transform: rotate(180deg); font-weight: 500; vertical-align: bottom; }
.matrix thead th.name { writing-mode: initial; transform: none; }
.matrix tbody th { font-weight: 500; white-space: nowrap; }
td.shown { background: color-mix(in srgb, seagreen 35%, transparent); text-align: center; }
`;

const STYLE = `
:root { color-scheme: light dark; font: 14px/1.4 system-ui, sans-serif; }
body { margin: 2rem; }
h1 { font-size: 1.4rem; }
${MATRIX_STYLE}`;

/** The clauses and conditions of a cell, in words. */
export const cellInWords = ({ clauses, conditions }: MatrixCell): string =>
  `${clauses.join(', ')}${conditions.length > 0 ? ` only if ${conditions.join(', or if ')}` : ''}`;

const plainDot = (cell: MatrixCell): Html =>
  html`<span role="img" aria-label="revealed by ${cellInWords(cell)}" title="${cellInWords(cell)}">●</span>`;

/** The matrix as a table: a row for each recipient and purpose, a dot for each category that may be revealed. */
export function matrixTable(
  categories: readonly DataCategory[],
  rows: readonly MatrixRow[],
  dot: (cell: MatrixCell) => Html,
): Html {
  const cell = ({ cells }: MatrixRow, category: DataCategory) => {
    const found = cells.find((candidate) => candidate.category === category);
    return found ? html`<td class="shown">${dot(found)}</td>` : html`<td></td>`;
  };
  const line = (
    row: MatrixRow,
  ) => html`<tr><th scope="row">${row.recipient}</th><td>${row.purpose ?? '(any)'}</td>${categories.map((category) => cell(row, category))}</tr>
`;
  return html`<table class="matrix">
<thead><tr><th class="name" scope="col">Recipient</th><th class="name" scope="col">Purpose</th>${categories.map((category) => html`<th scope="col">${category}</th>`)}</tr></thead>
<tbody>
${rows.map(line)}</tbody>
</table>`;
}

/** The legend of a matrix. */
export const LEGEND =
  'A dot: the policy may reveal the category to the recipient for the purpose, when its conditions hold. No dot: never.';

/** The matrix as one HTML page without other files. Each dot has its clauses and conditions as a tooltip. */
export const matrixPage = (policy: Policy, rows: readonly MatrixRow[]): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${policy.title} ${policy.version}: who may see what</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${policy.title} ${policy.version}: who may see what</h1>
<p>${LEGEND} ${partnersInWords(policy)}</p>
<div class="scroll">${matrixTable(idsOf(policy.vocabulary.categories), rows, plainDot)}</div>
</body>
</html>`.source;
