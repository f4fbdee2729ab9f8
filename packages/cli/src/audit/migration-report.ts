import {
  type DrainVerdict,
  formatInstant,
  type MigrationPlan,
  type RecordedMove,
  SIDES,
  type Side,
  type SidePlan,
  sideName,
} from '@crossfade/core';
import type { MeterReading } from '../fleet/fleet.ts';
import { acceptedBy, acceptedOf, countShowing } from '../fleet/fleet-evidence.ts';
import { describeRest } from '../fleet/fleet-size.ts';
import { brownoutJson, type RunningBrownout } from '../fleet/running-brownout.ts';
import type { MigrationReport, ReportedCheck } from '../json/evidence-json.ts';
import type { PlanStatus } from '../output/plan-status.ts';
import { phasesOf } from './phases.ts';

/** What was read for a report; what could not be is `undefined`, and says so in `unknown`. */
export interface ReportFacts {
  readonly plan: MigrationPlan;
  readonly moves: readonly RecordedMove[] | undefined;
  readonly status: PlanStatus | undefined;
  readonly store: { readonly source: string | null; readonly hash: string | null } | undefined;
  /** The one that runs now, if any. */
  readonly brownout: RunningBrownout | null;
  /** Why something could not be read. */
  readonly unknown: readonly string[];
  readonly nowMs: number;
  readonly operator: string;
  readonly version: string;
}

/** Puts the evidence together. States what is missing as unknown. */
export function migrationReport(facts: ReportFacts): MigrationReport {
  const { plan, moves, status, store, nowMs } = facts;
  const { phases, unknown } = phasesOf(moves ?? []);
  const issuance = status?.document.issuance;
  return {
    migration: plan.migration,
    generatedAt: formatInstant(nowMs),
    generatedBy: facts.operator,
    version: facts.version,
    phase: status?.state.phase ?? null,
    flags: {
      source: store?.source ?? null,
      hash: store?.hash ?? null,
      revision: issuance?.revision ?? moves?.find(({ state }) => state === 'written')?.revision ?? null,
      position: status === undefined ? null : `${issuance?.percent}% target, acceptance ${status.document.acceptance}`,
    },
    sides: SIDES.map((side) => describeSide(side, plan[side])),
    phases: phases.map(({ phase, startedMs, endedMs }) => ({
      phase,
      startedAt: formatInstant(startedMs),
      endedAt: formatInstant(endedMs),
      seconds: Math.round(((endedMs ?? nowMs) - startedMs) / 1000),
    })),
    moves: (moves ?? []).map(reportMove),
    brownout: brownoutJson(facts.brownout),
    gate: status === undefined || status.situation.fleet.responding === 0 ? null : reportGate(status.situation.drain),
    checks: status === undefined ? [] : checksOf(status),
    verified: status === undefined ? [] : verifiedBy(status),
    unknown: [
      ...facts.unknown,
      ...(unknown > 0
        ? [`what ${unknown} of the moves changed, or for how long: the phases around them may be wrong`]
        : []),
      ...(moves?.length === 0 ? ['every move: the flag store remembers none'] : []),
      ...(moves ?? [])
        .filter(({ verb, evidence }) => verb === 'close' && evidence === undefined)
        .map(({ atMs }) => `the gate's numbers at the close of ${formatInstant(atMs)}: it recorded none`),
      ...(status !== undefined && status.situation.fleet.responding === 0
        ? ['what the APIs accept, and whether the drain is done: no meter responded']
        : []),
      ...(status?.snapshot.missing ?? []).map(({ meter, why }) => `what ${meter} sees: ${why}`),
      'runs of crossfade verify, parity and doctor: they leave no record in the flag store; keep their --json',
    ],
  };
}

function reportMove({
  atMs,
  id,
  verb,
  operator,
  from,
  to,
  reason,
  skipped,
  evidence,
  state,
  description,
}: RecordedMove) {
  const text = (position: RecordedMove['to']) =>
    position === undefined ? null : `${position.percent}% ${position.acceptance}`;
  return {
    at: formatInstant(atMs),
    id,
    verb: verb ?? null,
    operator: operator ?? null,
    from: text(from),
    to: text(to),
    reason: reason ?? null,
    skipped: skipped ?? [],
    evidence: evidence ?? null,
    state,
    description: description ?? null,
  };
}

function reportGate({ verdict, checks }: DrainVerdict): MigrationReport['gate'] {
  return { verdict, checks: checks.map(({ name, verdict: of, detail }) => ({ name, verdict: of, detail })) };
}

function describeSide(side: Side, plan: SidePlan): MigrationReport['sides'][number] {
  const { issuer, issuers, audience, audiences, clientIds, withoutAudience } = plan;
  const values = audiences ?? (audience === undefined ? undefined : [audience]);
  let known = 'whatever this issuer signs for an API, and is not the target';
  if (values !== undefined) known = `aud ${values.join(' or ')}`;
  else if (clientIds !== undefined) known = `client id ${clientIds.join(' or ')}`;
  else if (withoutAudience === true) known = 'no aud';
  const rules = [
    ...(plan.typ === undefined ? [] : [`typ ${plan.typ}`]),
    ...(plan.requiredScope === undefined ? [] : [`scope ${plan.requiredScope.join(' ')}`]),
    ...(plan.allowedClients === undefined ? [] : [`clients ${plan.allowedClients.join(', ')}`]),
    ...(plan.foreignAudiences === undefined ? [] : [`foreign audiences ${[plan.foreignAudiences].flat().join(', ')}`]),
    ...(plan.senderConstrained === undefined ? [] : [`bound by ${plan.senderConstrained}`]),
    ...(plan.claims === undefined ? [] : [`claims ${Object.keys(plan.claims).join(', ')}`]),
  ];
  return { side, name: sideName(plan), issuer: (issuers ?? [issuer]).join(', '), known, rules: rules.join('; ') };
}

function checksOf({ plan, document, snapshot, situation: { nowMs } }: PlanStatus): readonly ReportedCheck[] {
  const frame = { document, plan, nowMs };
  const named = snapshot.readings.flatMap((reading) =>
    SIDES.map((side) => ({
      instance: reading.evidence.meter,
      side,
      by: judgeOf(reading, side),
      accepts: acceptedBy(reading, side, frame),
    })),
  );
  if (snapshot.groups === undefined) return named;
  const rest = SIDES.flatMap((side) =>
    (['accepted', 'refused', 'unknown'] as const).flatMap((accepts) => {
      const all = countShowing(snapshot, side, (sighting) => acceptedOf(sighting, frame) === accepts);
      const others = named.filter((check) => check.side === side && check.accepts === accepts).length;
      const instance = describeRest(all - others, others);
      return all > others
        ? [{ instance, side, by: 'the meters of the fleet, by what they have in common', accepts }]
        : [];
    }),
  );
  return [...named, ...rest];
}

/** An observing sidecar tells what it saw of the API in the same field as one that enforces tells what it lets in. */
function judgeOf({ sides }: MeterReading, side: Side): string {
  const { commanded, acceptedMs, unauthorizedMs } = sides[side];
  const hasResponded = acceptedMs !== null || unauthorizedMs !== null;
  const isAccepted = (acceptedMs ?? 0) > (unauthorizedMs ?? 0);
  return commanded === undefined || (hasResponded && commanded === isAccepted)
    ? 'the API itself; the meter observes its responses'
    : 'the process that reports: a validator in the API, or a sidecar that enforces';
}

/** What the fleet shows now, in sentences with their numbers. */
function verifiedBy({ snapshot, situation }: PlanStatus): readonly string[] {
  const { fleet, drain } = situation;
  if (fleet.responding === 0) return [];
  const refused = snapshot.readings.reduce((sum, { validUnauthorized }) => sum + validUnauthorized, 0);
  return [
    `${fleet.responding} of ${fleet.expected ?? 'an unknown number of'} instances respond`,
    `${fleet.acceptingTarget} of them are known to accept target tokens`,
    // Of a large fleet only those that need attention are read one by one.
    ...(snapshot.groups === undefined
      ? [`${refused} valid tokens were refused by an API since its meter started`]
      : []),
    ...drain.checks.filter(({ verdict }) => verdict === 'pass').map(({ name, detail }) => `${name}: ${detail}`),
  ];
}
