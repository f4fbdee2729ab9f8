import type { Fault } from './fault-list.ts';
import type { Outcome } from './play.ts';
import { VERBS, type VerbName } from './verb-list.ts';

export interface FaultOutcomes {
  readonly fault: Fault;
  readonly outcomes: readonly Outcome[];
}

type Healthy = Readonly<Record<Fault['store'], ReadonlyMap<VerbName, Outcome>>>;

const HEAD = `# Faults

What each verb says and does while something is broken. A test plays each fault against each verb and compares what comes of it
with this page. To write it again: \`npx vitest run --config test/vitest.config.ts --project cli test/faults -u\`.

- *Says* is the first line that the verb does not print when all is well; the line of the error where it ends with one. Addresses, times
  and hashes are left out, and long lines are cut.
- *Written* tells whether the switches in the store moved.
- *Exit*: 0 done or pass, 1 refused or fail, 2 usage or configuration, 3 unavailable, 4 inconclusive or not confirmed, 5 conflict.

The test also proves, for each row: no stack is printed; what does not end with 0 says what to do next; a rollback writes unless the
store or the plan is what is broken, and then it prints how to roll back by hand (with a plan).
`;

/** Formats the page. */
export function faultPage(
  healthy: Healthy,
  groups: readonly { readonly title: string; readonly faults: readonly FaultOutcomes[] }[],
): string {
  const sections = groups.map(
    ({ title, faults }) => `## ${title}\n\n${table(faults.flatMap((fault) => rows(fault, healthy)))}\n`,
  );
  return [HEAD, ...sections].join('\n');
}

/** Formats the rows of one fault, as they stand in the page. */
export function faultRows(fault: FaultOutcomes, healthy: Healthy): string {
  return rows(fault, healthy).map(tableRow).join('\n');
}

function rows({ fault, outcomes }: FaultOutcomes, healthy: Healthy): string[][] {
  const merged = new Map<string, { verbs: VerbName[]; cells: string[] }>();
  for (const outcome of outcomes) {
    const { verb, exitCode, isWritten } = outcome;
    const says = firstUnusualLine(outcome, healthy[fault.store].get(verb));
    const cells = [
      String(exitCode),
      VERBS[verb].writes ? (isWritten ? 'yes' : 'no') : '',
      escapeCell((says ?? 'nothing else').replace(`crossfade ${VERBS[verb].argv[0]}: `, '')),
    ];
    const key = cells.join('\n');
    const row = merged.get(key) ?? { verbs: [], cells };
    row.verbs.push(verb);
    merged.set(key, row);
  }
  return [...merged.values()].map(({ verbs, cells }, index) => [
    index === 0 ? fault.name : '',
    verbs.join(', '),
    ...cells,
  ]);
}

/**
 * The first line that the verb does not print when all is well. Where it ends with an error, the line of the error, with its first
 * problem.
 */
function firstUnusualLine({ verb, exitCode, lines }: Outcome, healthy: Outcome | undefined): string | undefined {
  const error = lines.findIndex((line) => line.startsWith(`crossfade ${VERBS[verb].argv[0]}: `));
  // What it waits for first depends on the moment.
  if (exitCode === 0 || error < 0)
    return lines.find((line) => !(healthy?.lines ?? []).includes(line) && !line.startsWith('waiting for '));
  const line = lines[error] ?? '';
  return line.endsWith('there is a problem') ? `${line}: ${lines[error + 1]}` : line;
}

function table(body: readonly (readonly string[])[]): string {
  const header = ['fault', 'verb', 'exit', 'written', 'says'];
  return [header, header.map(() => '---'), ...body].map(tableRow).join('\n');
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Enough to know a sentence by. */
const MAX_LENGTH = 180;

function escapeCell(text: string): string {
  const cut = text.length > MAX_LENGTH ? `${text.slice(0, text.lastIndexOf(' ', MAX_LENGTH))} ...` : text;
  return cut.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
