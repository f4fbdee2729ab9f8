import { ConfigError, describeProblem, type MigrationPlan } from '@crossfade/core';
import { examine } from '../doctor/examine.ts';
import { type Finding, fail } from '../doctor/finding.ts';
import { readApis } from '../doctor/read-apis.ts';
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

export async function run(invocation: Invocation): Promise<VerbResult> {
  const apis = readApis(invocation.options);
  let plan: MigrationPlan;
  try {
    plan = await invocation.plan();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const findings = error.problems.map((problem) => fail('plan', describeProblem(problem), 'correct it in the plan'));
    return conclude(invocation, findings, EXIT.usage);
  }
  const { findings } = await examine(plan, apis, invocation);
  return conclude(invocation, findings, findings.some(({ verdict }) => verdict === 'fail') ? EXIT.refused : EXIT.done);
}

function conclude({ report }: Invocation, findings: readonly Finding[], exitCode: ExitCode): VerbResult {
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
