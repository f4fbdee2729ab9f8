import type { VerbJson } from '../json/verb-json.ts';
import { listRunbooks, readRunbook } from '../runbook/read-runbook.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';

export async function run({ argument, report }: Invocation): Promise<VerbResult<VerbJson<'runbook'>>> {
  if (argument !== undefined) {
    const text = await readRunbook(argument);
    report.print(text.trimEnd());
    return { exitCode: EXIT.done, json: { name: argument, markdown: text } };
  }
  const pages = await listRunbooks();
  const width = Math.max(...pages.map(({ name }) => name.length));
  for (const kind of ['procedure', 'alert'] as const) {
    report.print(report.style('bold', kind === 'procedure' ? 'Procedures' : 'Alerts'));
    for (const { name, title } of pages.filter((page) => page.kind === kind))
      report.print(`  ${name.padEnd(width)}  ${title}`);
  }
  report.print('Read one with: crossfade runbook <name>');
  return { exitCode: EXIT.done, json: { pages } };
}
