import { ConfigError, describeProblem, type MigrationPlan } from '@crossfade/core';
import { examineDenylist } from '../doctor/examine-denylist.ts';
import { examineEnvironment } from '../doctor/examine-environment.ts';
import { examineFlags, examineIgnored } from '../doctor/examine-flags.ts';
import { examineFleet } from '../doctor/examine-fleet.ts';
import { examineIntrospection } from '../doctor/examine-introspection.ts';
import { examineIssuer, issuersOf } from '../doctor/examine-issuer.ts';
import { examineSecrets } from '../doctor/examine-secrets.ts';
import { type Finding, fail, pass } from '../doctor/finding.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import { EXIT, type ExitCode } from '../verb/exit-code.ts';
import type { Style } from '../verb/report.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';

const STYLES: Readonly<Record<Finding['verdict'], Style>> = { pass: 'green', warn: 'yellow', fail: 'red' };

export async function run(invocation: Invocation): Promise<VerbResult> {
  let plan: MigrationPlan;
  try {
    plan = await invocation.plan();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const findings = error.problems.map((problem) => fail('plan', describeProblem(problem), 'correct it in the plan'));
    return conclude(invocation, findings, EXIT.usage);
  }
  const findings = await examine(plan, invocation);
  const isHealthy = findings.every(({ verdict }) => verdict !== 'fail');
  return conclude(invocation, findings, isHealthy ? EXIT.done : EXIT.refused);
}

async function examine(plan: MigrationPlan, { now, env, signal }: Invocation): Promise<readonly Finding[]> {
  const tools = { clockToleranceMs: plan.clockToleranceMs, now, signal };
  const [flags, environment, denylist, introspection, ...ofIssuers] = await Promise.all([
    examineFlags(plan, now),
    examineEnvironment(plan),
    examineRevocation(plan),
    examineIntrospection(plan, { env, now }),
    ...issuersOf(plan).map((issuer) => examineIssuer(issuer, tools)),
  ]);
  const ofFleet = await examineFleet(openFleet(plan, { env, signal }), flags.document, plan, now());
  return [
    pass('plan', `${plan.migration} is valid`),
    ...ofIssuers.flat(),
    ...examineSecrets(plan, env),
    ...introspection,
    ...denylist,
    flags.finding,
    ...examineIgnored(flags.document),
    ...environment,
    ...ofFleet,
  ];
}

async function examineRevocation({ revocation }: MigrationPlan): Promise<readonly Finding[]> {
  return revocation === undefined ? [] : [await examineDenylist(revocation)];
}

function conclude({ report }: Invocation, findings: readonly Finding[], exitCode: ExitCode): VerbResult {
  for (const { check, verdict, detail, action } of findings) {
    report.field(verdict, `${check}: ${detail}`, STYLES[verdict]);
    if (action !== undefined) report.field('', `-> ${action}`);
  }
  const failures = findings.filter(({ verdict }) => verdict === 'fail').length;
  report.print(failures === 0 ? 'No check fails.' : `${failures} of ${findings.length} checks fail.`);
  return { exitCode, json: { findings } };
}
