import type { MigrationPlan } from '@crossfade/core';
import { openFleet } from '../fleet/open-fleet.ts';
import { defaultApi } from '../probe/default-api.ts';
import type { Invocation } from '../verb/verb.ts';
import { readVersion } from '../verb/version.ts';
import { examineApis, ID_TOKEN, TARGET_TOKEN } from './examine-apis.ts';
import { examineDenylist } from './examine-denylist.ts';
import { examineEnvironment } from './examine-environment.ts';
import { examineFlags } from './examine-flags.ts';
import { examineFleet } from './examine-fleet.ts';
import { examineIntrospection } from './examine-introspection.ts';
import { examineIssuer, type IssuerExamination, issuersOf } from './examine-issuer.ts';
import { examineKeySets } from './examine-key-sets.ts';
import { examinePrometheus } from './examine-prometheus.ts';
import { examineSecrets } from './examine-secrets.ts';
import { examineSidecars } from './examine-sidecars.ts';
import { type Finding, notApplicable, pass } from './finding.ts';
import { type ApiProbe, probeApis } from './probe-apis.ts';
import { readSelves } from './read-selves.ts';

/** Everything that was asked, and what it showed. */
export interface Examination {
  readonly plan: MigrationPlan;
  readonly findings: readonly Finding[];
  readonly issuers: readonly IssuerExamination[];
  readonly probes: readonly ApiProbe[];
}

/**
 * Asks everything that the migration depends on.
 * @param apis the URLs that the operator named; absent: the plan's own sidecar, if it responds.
 */
export async function examine(
  plan: MigrationPlan,
  apis: readonly string[] | undefined,
  { now, env, signal }: Pick<Invocation, 'now' | 'env' | 'signal'>,
): Promise<Examination> {
  const tools = { clockToleranceMs: plan.clockToleranceMs, now, signal };
  const access = { env, signal, now };
  const [flags, environment, denylist, introspection, selves, prometheus, issuers] = await Promise.all([
    examineFlags(plan, now),
    examineEnvironment(plan),
    examineRevocation(plan),
    examineIntrospection(plan, { env, now }),
    readSelves(plan, access),
    examinePrometheus(plan, tools),
    Promise.all(issuersOf(plan).map((issuer) => examineIssuer(issuer, tools))),
  ]);
  const fleet = await examineFleet(openFleet(plan, access), flags.view, plan, now());
  const asked = await askApis(plan, apis, { env, signal, now });
  return {
    plan,
    issuers,
    probes: asked.probes,
    findings: [
      pass('plan', `${plan.migration} is valid`),
      ...issuers.flatMap(({ findings }) => findings),
      ...examineKeySets(issuers, plan),
      ...examineSecrets(plan, env),
      ...introspection,
      ...denylist,
      ...flags.findings,
      ...environment,
      ...fleet.findings,
      ...examineSidecars(selves, { plan, version: readVersion() }),
      ...prometheus,
      ...asked.findings,
    ],
  };
}

async function examineRevocation({ revocation }: MigrationPlan): Promise<readonly Finding[]> {
  return revocation === undefined ? [] : [await examineDenylist(revocation)];
}

/** The plan's own sidecar listens where it runs, which need not be here: one that does not respond is no finding. */
async function askApis(
  plan: MigrationPlan,
  apis: readonly string[] | undefined,
  { env, now, signal }: Pick<Invocation, 'now' | 'env' | 'signal'>,
): Promise<{ readonly findings: readonly Finding[]; readonly probes: readonly ApiProbe[] }> {
  const probes = await probeApis(plan, {
    apis: apis ?? defaultApi(plan),
    targetToken: env[TARGET_TOKEN] || undefined,
    idToken: env[ID_TOKEN] || undefined,
    now,
    signal,
  });
  if (apis !== undefined) return { findings: examineApis(probes), probes };
  const reached = probes.filter(({ bare }) => 'status' in bare);
  const absent = probes.filter(({ bare }) => 'failure' in bare);
  if (absent.length === 0) return { findings: examineApis(reached), probes: reached };
  const why = `${absent.map(({ api }) => api).join(', ')} of the plan does not respond here: name a path that needs a token with --api <url>`;
  return { findings: [notApplicable('api', why)], probes: [] };
}
