import { formatDuration } from '@crossfade/core';
import type { MigrationReport, ReportedMove } from '../json/evidence-json.ts';

const STYLE = `:root{color-scheme:light}
body{font:15px/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem;border-bottom:1px solid #ccc}
table{border-collapse:collapse;width:100%;font-size:.9rem}caption{text-align:left;color:#555}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #e2e2e2;overflow-wrap:anywhere}
.pass{color:#0a6b2d}.fail{color:#a40000}.inconclusive{color:#7a5200}
@media print{body{margin:0;max-width:none;font-size:11px}h2{break-after:avoid}tr{break-inside:avoid}thead{display:table-header-group}}`;
const STATES: Readonly<Record<ReportedMove['state'], string>> = {
  written: 'took effect',
  deploying: 'in progress',
  rolled_back: 'rolled back: did not take effect',
  reverted: 'took effect, reverted later',
};

/** Renders a report as one HTML page: no script, nothing from elsewhere, every value escaped. */
export function reportPage(report: MigrationReport): string {
  const { migration, generatedAt, generatedBy, version, phase, flags, gate } = report;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(migration)}: migration report</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeHtml(migration)}: migration report</h1>
<p>As of ${escapeHtml(generatedAt)}, by ${escapeHtml(generatedBy)}, with Crossfade ${escapeHtml(version)}.</p>
${table(
  'Now',
  ['', ''],
  [
    ['Phase', phase],
    ['Flags', flags.position],
    ['Store', flags.source],
    ['Revision', flags.revision],
    ['Hash of the flags', flags.hash],
  ],
)}
${table(
  'What is accepted, by plan',
  ['Side', 'Name', 'Known by', 'Issuer', 'Further rules'],
  report.sides.map(({ side, name, known, issuer, rules }) => [side, name, known, issuer, rules || 'none']),
)}
${table(
  'Who checks which audience where',
  ['Instance', 'Audience', 'Checked by', 'Seen now'],
  report.checks.map(({ instance, side, by, accepts }) => [instance, side, by, accepts]),
)}
${table(
  'Phases',
  ['Phase', 'From', 'To', 'Duration'],
  report.phases.map(({ phase: name, startedAt, endedAt, seconds }) => [
    name,
    startedAt,
    endedAt ?? 'lasts',
    formatDuration(seconds * 1000),
  ]),
)}
${table(
  'Moves, newest first',
  ['When', 'Who', 'What', 'From', 'To', 'Why', 'Evidence', 'State'],
  report.moves.map((move) => [
    move.at,
    move.operator,
    move.verb ?? `not made by Crossfade${move.description === null ? '' : `: ${move.description}`}`,
    move.from,
    move.to,
    [move.reason ?? 'not given', ...(move.skipped.length === 0 ? [] : [`skipped ${move.skipped.join(', ')}`])].join(
      '; ',
    ),
    move.evidence ?? 'none recorded',
    STATES[move.state],
  ]),
)}
<h2>The drain gate now</h2>
${gate === null ? '<p>Unknown.</p>' : `<p class="${escapeHtml(gate.verdict)}">${escapeHtml(gate.verdict)}</p>`}
${
  gate === null
    ? ''
    : rows(
        ['Check', 'Verdict', 'Numbers'],
        gate.checks.map(({ name, verdict, detail }) => [name ?? null, verdict ?? null, detail ?? null]),
      )
}
<h2>What the fleet shows</h2>
${list(report.verified)}
<h2>What is unknown</h2>
${list(report.unknown)}
</body>
</html>
`;
}

type Cell = string | null;

function table(title: string, head: readonly string[], cells: readonly (readonly Cell[])[]): string {
  return `<h2>${escapeHtml(title)}</h2>\n${cells.length === 0 ? '<p>Unknown.</p>' : rows(head, cells)}`;
}

function rows(head: readonly string[], cells: readonly (readonly Cell[])[]): string {
  const heading = head.every((cell) => cell === '')
    ? ''
    : `<thead><tr>${head.map((cell) => `<th scope="col">${escapeHtml(cell)}</th>`).join('')}</tr></thead>`;
  const body = cells.map(
    (row) => `<tr>${row.map((cell) => `<td>${escapeHtml(cell ?? 'unknown')}</td>`).join('')}</tr>`,
  );
  return `<table>${heading}<tbody>\n${body.join('\n')}\n</tbody></table>`;
}

function list(items: readonly string[]): string {
  if (items.length === 0) return '<p>Nothing.</p>';
  return `<ul>\n${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('\n')}\n</ul>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? letter);
}
