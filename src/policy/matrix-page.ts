import type { Policy } from './clause.ts';
import { type MatrixRow, partnersInWords } from './matrix.ts';
import { idsOf } from './vocabulary.ts';

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string) => text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '');

const STYLE = `
:root { color-scheme: light dark; font: 14px/1.4 system-ui, sans-serif; }
body { margin: 2rem; }
h1 { font-size: 1.4rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { border: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding: .3rem .5rem; text-align: left; }
thead th { writing-mode: vertical-rl; transform: rotate(180deg); font-weight: 500; vertical-align: bottom; }
thead th.name { writing-mode: initial; transform: none; }
tbody th { font-weight: 500; white-space: nowrap; }
td.shown { background: color-mix(in srgb, seagreen 35%, transparent); text-align: center; }
`;

const cell = (row: MatrixRow, category: string) => {
  const found = row.cells.find((candidate) => candidate.category === category);
  if (!found) return '<td></td>';
  const clauses = found.clauses.join(', ');
  const only = found.conditions.length > 0 ? ` only if ${found.conditions.join(', or if ')}` : '';
  return `<td class="shown" title="${escaped(clauses + only)}"><span aria-label="${escaped(`revealed by ${clauses}${only}`)}">●</span></td>`;
};

const line = (categories: readonly string[]) => (row: MatrixRow) =>
  `<tr><th scope="row">${escaped(row.recipient)}</th><td>${escaped(row.purpose ?? '(any)')}</td>` +
  `${categories.map((category) => cell(row, category)).join('')}</tr>`;

/** Who may see what, as one HTML page that needs nothing else. A dot that is pointed at names its clauses and conditions. */
export const matrixPage = (policy: Policy, rows: readonly MatrixRow[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(policy.title)} ${escaped(policy.version)}: who may see what</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(policy.title)} ${escaped(policy.version)}: who may see what</h1>
<p>A dot: the policy may reveal the category to the recipient for the purpose, when its conditions hold. No dot: never. ${escaped(partnersInWords(policy))}</p>
<div class="scroll"><table>
<thead><tr><th class="name" scope="col">Recipient</th><th class="name" scope="col">Purpose</th>${idsOf(
  policy.vocabulary.categories,
)
  .map((category) => `<th scope="col">${category}</th>`)
  .join('')}</tr></thead>
<tbody>
${rows.map(line(idsOf(policy.vocabulary.categories))).join('\n')}
</tbody>
</table></div>
</body>
</html>`;
