import { ConfigError, describeProblem, type MigrationPlan } from '@crossfade/core';
import { type CheckedItem, checkItems } from '../checklist/checklist.ts';
import { readRefusals } from '../checklist/refusals.ts';
import { examine } from '../doctor/examine.ts';
import { type Finding, fail } from '../doctor/finding.ts';
import { readApis } from '../doctor/read-apis.ts';
import type { VerbJson } from '../json/verb-json.ts';
import { EXIT, type ExitCode } from '../verb/exit-code.ts';
import type { Style } from '../verb/report.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';

const STYLES: Readonly<Record<Finding['verdict'], Style>> = {
  pass: 'green',
  warn: 'yellow',
  fail: 'red',
  unknown: 'yellow',
  'n/a': 'dim',
};

export async function run(invocation: Invocation): Promise<VerbResult<VerbJson<'doctor'>>> {
  const apis = readApis(invocation.options);
  let plan: MigrationPlan;
  try {
    plan = await invocation.plan();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const findings = error.problems.map((problem) => fail('plan', describeProblem(problem), 'correct it in the plan'));
    return conclude(invocation, findings, EXIT.usage);
  }
  const examination = await examine(plan, apis, invocation);
  if (invocation.options.given('list')) {
    const refusals = await readRefusals(plan, invocation);
    return concludeList(invocation, checkItems({ ...examination, refusals }));
  }
  const { findings } = examination;
  return conclude(invocation, findings, findings.some(({ verdict }) => verdict === 'fail') ? EXIT.refused : EXIT.done);
}

function conclude(
  { report }: Invocation,
  findings: readonly Finding[],
  exitCode: ExitCode,
): VerbResult<VerbJson<'doctor'>> {
  for (const { check, verdict, detail, why, remedy, runbook } of findings) {
    report.field(verdict, `${check}: ${detail}`, STYLES[verdict]);
    if (remedy === undefined) continue;
    report.field('', `why: ${why}`);
    report.field('', `-> ${remedy} (crossfade runbook ${runbook})`);
  }
  const failures = findings.filter(({ verdict }) => verdict === 'fail').length;
  report.print(failures === 0 ? 'No check fails.' : `${failures} of ${findings.length} checks fail.`);
  return { exitCode, json: { findings } };
}

const AREAS = { client: 'Clients', api: 'The API', storage: 'Storage', issuer: 'The issuer' } as const;

/** A rule that only should be kept does not decide the exit code. */
function concludeList({ report }: Invocation, items: readonly CheckedItem[]): VerbResult<VerbJson<'doctor'>> {
  let area: CheckedItem['area'] | undefined;
  for (const { area: own, verdict, level, what, source, detail, why, remedy, runbook } of items) {
    if (own !== area) report.print(report.style('bold', AREAS[own]));
    area = own;
    report.field(verdict, `${what} (${level}; ${source})`, STYLES[verdict]);
    report.field('', detail);
    if (remedy === undefined) continue;
    report.field('', `why: ${why}`);
    report.field('', `${verdict === 'unknown' ? 'to know:' : '->'} ${remedy} (crossfade runbook ${runbook})`);
  }
  const count = (wanted: CheckedItem['verdict']) => items.filter(({ verdict }) => verdict === wanted).length;
  const musts = items.filter(({ verdict, level }) => verdict === 'fail' && level === 'must').length;
  report.print(
    `${items.length} items: ${count('pass')} pass, ${count('fail')} fail (${musts} of them a must), ${count('n/a')} do not apply, ${count('unknown')} cannot be known from here.`,
  );
  return { exitCode: musts > 0 ? EXIT.refused : EXIT.done, json: { list: items } };
}
