import { CrossfadeError, type MigrationPlan, SIDES } from '@crossfade/core';
import { readFlagDocument } from '../flag-store/flag-position.ts';
import type { SideTokenJson } from '../json/checks-json.ts';
import type { VerbJson } from '../json/verb-json.ts';
import type { Probe, ProbeRow } from '../probe/api-findings.ts';
import { askApis, type SidecarView } from '../probe/ask-apis.ts';
import { alterToken, createPlanJudge, type PlanJudge, type SideToken, sideToken } from '../probe/side-tokens.ts';
import { readVerifyOptions, type VerifyOptions } from '../probe/verify-options.ts';
import { EXIT, type ExitCode } from '../verb/exit-code.ts';
import type { Report, Style } from '../verb/report.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';

export async function run(invocation: Invocation): Promise<VerbResult<VerbJson<'verify'>>> {
  const { report, signal } = invocation;
  const plan = await invocation.plan();
  const options = await readVerifyOptions(plan, invocation);
  const { acceptance, unknown: noFlags } = await currentAcceptance(plan, invocation);
  const judge = createPlanJudge(plan, acceptance, invocation);
  try {
    const tokens: SideToken[] = [];
    for (const side of SIDES) {
      const { given, client } = options;
      tokens.push(await sideToken(side, plan, { given: given[side], client, judge, signal }));
    }
    const probes = await probesOf(tokens, options, judge);
    const { rows, view } = await askApis(plan, options, probes, invocation);
    const findings = [
      ...tokens.flatMap(({ finding }) => finding ?? []),
      ...rows.flatMap(({ result, api, detail }) => (result === 'finding' ? [`${api}: ${detail}`] : [])),
      ...(view.finding === undefined ? [] : [view.finding]),
    ];
    const unknown = [
      ...noFlags,
      ...rows.flatMap(({ result, api, detail }) => (result === 'unknown' ? [`${api}: ${detail}`] : [])),
      ...view.unknown,
    ];
    const isUnreachable = rows.some(({ result }) => result === 'unreachable');
    const exitCode = exitCodeOf(findings, isUnreachable, unknown);
    printVerification(report, { tokens, rows, view, findings, unknown: [...new Set(unknown)], exitCode });
    return {
      exitCode,
      json: {
        migration: plan.migration,
        acceptance,
        tokens: tokens.map(tokenJson),
        requests: rows,
        findings,
        unknown,
        sidecars: view.detail,
      },
    };
  } finally {
    judge.close();
  }
}

/** What the APIs should take now. While the flags cannot be read, both audiences: as they themselves do. */
async function currentAcceptance(plan: MigrationPlan, { now }: Invocation) {
  try {
    return { acceptance: (await readFlagDocument(plan, now)).acceptance, unknown: [] };
  } catch (error) {
    if (!(error instanceof CrossfadeError)) throw error;
    return { acceptance: 'both' as const, unknown: [`whether legacy is closed: ${error.message}`] };
  }
}

async function probesOf(
  tokens: readonly SideToken[],
  { given }: VerifyOptions,
  judge: PlanJudge,
): Promise<readonly Probe[]> {
  const sample = tokens.findLast(({ token }) => token !== undefined)?.token;
  const altered = sample === undefined ? undefined : alterToken(sample);
  const refused = await Promise.all(
    (['id', 'foreign'] as const).map(async (name): Promise<readonly Probe[]> => {
      const token = given[name];
      return token === undefined
        ? []
        : [{ name, token, expected: 'refused', audience: (await judge.judge(token)).audience }];
    }),
  );
  return [
    { name: 'none', token: undefined, expected: 'refused', audience: 'none' },
    ...(altered === undefined
      ? []
      : [
          {
            name: 'altered',
            token: altered,
            expected: 'refused',
            audience: (await judge.judge(altered)).audience,
          } as const,
        ]),
    ...tokens.flatMap(({ side, token, judgement }): readonly Probe[] =>
      token === undefined || judgement === undefined
        ? []
        : [
            {
              name: side,
              token,
              expected: judgement.outcome === 'accepted' ? 'taken' : 'refused',
              audience: judgement.audience,
            },
          ],
    ),
    ...refused.flat(),
  ];
}

function exitCodeOf(findings: readonly string[], isUnreachable: boolean, unknown: readonly string[]): ExitCode {
  if (findings.length > 0) return EXIT.refused;
  if (isUnreachable) return EXIT.unavailable;
  return unknown.length > 0 ? EXIT.inconclusive : EXIT.done;
}

const STYLES: Readonly<Record<ProbeRow['result'], Style>> = {
  expected: 'green',
  finding: 'red',
  unreachable: 'red',
  unknown: 'yellow',
};
const PROBE_WORDS: Readonly<Record<Probe['name'], string>> = {
  none: 'no token',
  altered: 'altered token',
  legacy: 'legacy token',
  target: 'target token',
  id: 'ID token',
  foreign: 'foreign token',
};

function printVerification(
  report: Report,
  result: {
    readonly tokens: readonly SideToken[];
    readonly rows: readonly ProbeRow[];
    readonly view: SidecarView;
    readonly findings: readonly string[];
    readonly unknown: readonly string[];
    readonly exitCode: ExitCode;
  },
): void {
  for (const { side, judgement, finding } of result.tokens)
    report.field(
      `${side} token`,
      judgement === undefined ? 'none' : judgement.audience,
      finding === undefined ? 'green' : 'red',
    );
  let api: string | undefined;
  for (const row of result.rows) {
    if (row.api !== api) report.print(report.style('bold', row.api));
    api = row.api;
    const mark = row.result === 'expected' ? 'as expected' : row.result;
    report.field(
      PROBE_WORDS[row.probe],
      `${row.expected.padEnd(8)} ${row.seen.padEnd(12)} ${mark}`,
      STYLES[row.result],
    );
  }
  report.field('sidecars', result.view.detail);
  report.print();
  for (const line of result.findings) report.print(report.style('red', `- ${line}`));
  for (const line of result.unknown) report.print(report.style('yellow', `- unknown: ${line}`));
  const counts = { [EXIT.done]: 'Every API did what the plan says.', [EXIT.unavailable]: 'An API cannot be reached.' };
  report.print(
    counts[result.exitCode as 0 | 3] ?? `${result.findings.length} findings, ${result.unknown.length} unknown.`,
  );
}

/** Never the token. */
function tokenJson({ side, judgement, finding }: SideToken): SideTokenJson {
  return {
    side,
    audience: judgement?.audience ?? null,
    outcome: judgement?.outcome ?? null,
    ...(judgement?.outcome === 'rejected' && { reason: judgement.reason }),
    ...(finding !== undefined && { finding }),
  };
}
