import { formatDuration } from '../vocabulary/duration.ts';
import { describeMoment } from '../vocabulary/instant.ts';
import { type CheckResult, inconclusive } from './drain-check.ts';
import { SURPLUS_METERS } from './drain-verdict.ts';
import type { RecordedDrain, RecordedService, RulesMissing, WatchBegan } from './recorded-drain.ts';
import type { JudgedWindows } from './recorded-windows.ts';

interface WatchFacts {
  readonly recorded: RecordedDrain;
  readonly windows: JudgedWindows;
  readonly nowMs: number;
}

const LOAD = 'load deploy/prometheus/crossfade.rules.yml (crossfade doctor)';
const MISSING: Readonly<Record<RulesMissing, string>> = {
  not_loaded: `Prometheus scrapes meters of this migration and has no recorded series of it: ${LOAD}`,
  half_loaded: `Prometheus has only some of the recorded series of this migration: ${LOAD}, the whole file`,
  old_sidecars:
    'no meter tells its plan (crossfade_plan_seconds), because the sidecars are of an older release: upgrade them',
  no_meters: `Prometheus knows no meter of this migration: check the scrape jobs, and ${LOAD}`,
};

/** Says why the rules tell nothing of now; `undefined` if they do. */
export function rulesTrouble(
  { rules, windows }: RecordedDrain,
  { blindMs }: Pick<JudgedWindows, 'blindMs'>,
  nowMs: number,
): string | undefined {
  if ('missing' in rules) return MISSING[rules.missing];
  const ageMs = nowMs - rules.evaluatedMs;
  if (ageMs <= blindMs && windows !== null) return undefined;
  const stop = windows === null ? 'record nothing now' : `gate.blind is ${formatDuration(blindMs)}`;
  return `the recording rules were last evaluated ${formatDuration(ageMs)} ago, and ${stop}: see why they are not any more (crossfade doctor)`;
}

/**
 * Says why what the rules remember is not known to be of now, by the shorter blindness of the meters' plans and of this one;
 * `undefined` if it is. Where there are no meters, or older ones, no rule that is missing is the reason.
 */
export function recordedTrouble(
  recorded: RecordedDrain,
  { gate: { blindMs } }: { readonly gate: { readonly blindMs: number } },
  nowMs: number,
): string | undefined {
  const { rules } = recorded;
  if ('missing' in rules && (rules.missing === 'no_meters' || rules.missing === 'old_sidecars')) return undefined;
  return rulesTrouble(recorded, { blindMs: Math.min(blindMs, recorded.windows?.blindMs ?? blindMs) }, nowMs);
}

/** Says which services are not watched well enough; `undefined` if none is known. */
export function explainLag({ recorded, windows }: WatchFacts): CheckResult | undefined {
  const lagging = recorded.services.filter((service) => lagsBelow(windows.coverage, service));
  return lagging.length === 0 ? undefined : describeLag(lagging, recorded.moreServices);
}

function lagsBelow(coverage: number, { expected, watched }: RecordedService): boolean {
  return expected === null || expected === 0 || watched / expected < coverage;
}

function hasSurplus({ expected, watched }: RecordedService): boolean {
  return expected !== null && watched > expected;
}

function describeLag(lagging: readonly RecordedService[], more: number): CheckResult {
  return inconclusive(`${lagging.map(describeCoverage).join('; ')}${andMore(more)}`);
}

/** Says why the fleet does not count as watched: services that lag, if only a little, or a witness that is missing. */
export function explainCoverage(facts: WatchFacts): CheckResult | undefined {
  const { services, moreServices, silent } = facts.recorded;
  const lag = explainLag(facts);
  if (lag !== undefined) return lag;
  const few = services.filter((service) => lagsBelow(1, service) || hasSurplus(service));
  if (silent.length === 0) return few.length === 0 ? undefined : describeLag(few, moreServices);
  return inconclusive(
    `no meter tells of ${silent.join(', ')}, because the sidecars are of an older release: upgrade them`,
  );
}

function describeCoverage(one: RecordedService): string {
  const { service, expected, watched } = one;
  if (expected === null)
    return `${service}: ${watched} instances are watched, and how many to expect is unknown: record crossfade:expected_instances:sum for it, which counts about 5 minutes after its first value`;
  if (expected === 0) return `${service}: 0 instances are expected, and ${watched} are watched`;
  const detail = `${service}: ${watched} of ${expected} expected instances are watched`;
  return hasSurplus(one) ? `${detail}: ${SURPLUS_METERS}` : detail;
}

function andMore(services: number): string {
  if (services === 0) return '';
  return `; and ${services} more ${services === 1 ? 'service' : 'services'}`;
}

const BEGAN: {
  readonly [Because in WatchBegan['because']]: (began: Extract<WatchBegan, { because: Because }>) => string;
} = {
  missing: ({ services }) => `, because instances of ${services.join(', ')} were missing until then`,
  stopped: ({ forMs }) => `, because the recording rules were not evaluated for ${formatDuration(forMs)} until then`,
  first: () => ', when it was recorded for the first time',
};

function describeBegan(began: WatchBegan | undefined): string {
  if (began === undefined) return '';
  const describe = BEGAN[began.because] as (began: WatchBegan) => string;
  return describe(began);
}

/** Says why the watch is too young, or has seen too little; `undefined` if neither is known. */
export function explainWatch({ recorded, windows, nowMs }: WatchFacts): CheckResult | undefined {
  const { watchedSinceMs, watchBegan, debtMs } = recorded;
  const reasons: { readonly detail: string; readonly passesAtMs: number | null }[] = [];
  if (watchedSinceMs !== null && nowMs - watchedSinceMs < windows.longestMs) {
    reasons.push({
      detail: `the fleet is watched without a gap since ${describeMoment(watchedSinceMs, nowMs)}${describeBegan(watchBegan)}; the longest window is ${formatDuration(windows.longestMs)}`,
      passesAtMs: watchedSinceMs + windows.longestMs,
    });
  }
  if (debtMs !== null && debtMs > windows.blindMs) {
    const { coverage, blindMs } = windows;
    reasons.push({
      detail: `what was not watched outran what gate.coverage (${coverage * 100}%) allows by ${formatDuration(debtMs)}, and gate.blind allows ${formatDuration(blindMs)}`,
      passesAtMs: coverage < 1 ? nowMs + (debtMs - blindMs) / (1 - coverage) : null,
    });
  }
  if (reasons.length === 0) return undefined;
  const times = reasons.flatMap(({ passesAtMs }) => passesAtMs ?? []);
  const passesAtMs = times.length < reasons.length ? null : Math.max(...times);
  return inconclusive(reasons.map(({ detail }) => detail).join('; '), passesAtMs);
}

/** Says which services have instances that see no target token. */
export function explainTarget({ recorded: { services }, windows, nowMs }: WatchFacts): CheckResult {
  const isUnseen = ({ targetLastSeenMs: seenMs = nowMs }: RecordedService) =>
    seenMs === null || nowMs - seenMs >= windows.drainWindowMs;
  const blind = services.filter((service) => service.blind > 0 || isUnseen(service));
  if (blind.length === 0) return inconclusive('no meter tells whether it sees target tokens');
  const names = blind.map((service) =>
    isUnseen(service)
      ? `any instance of ${service.service}`
      : `${service.blind} of ${service.watched} instances of ${service.service}`,
  );
  return inconclusive(
    `no target token was seen within ${formatDuration(windows.drainWindowMs)} by ${names.join(', ')}: each may be blind, or idle: send it a request with a real target token`,
  );
}

/** States what was lost and what was not watched, and clocks that are slow: what the operator should know beside the verdict. */
export function watchNotes({ losses, unwatchedShare, slowClocks }: RecordedDrain): readonly string[] {
  const slowBy = slowClocks.map(({ service, byMs }) => `${service} ${formatDuration(byMs)}`);
  return [
    ...(losses > 0 ? [describeLosses(losses)] : []),
    ...(unwatchedShare !== null && unwatchedShare > 0
      ? [`${describeShare(unwatchedShare)} of instance-time was not watched`]
      : []),
    ...(slowClocks.length > 0
      ? [`the clock of a meter is slow (${slowBy.join(', ')}): what it sees counts as later by as much: synchronise it`]
      : []),
  ];
}

function describeLosses(losses: number): string {
  const [processes, their] = losses === 1 ? ['1 process', 'its log'] : [`${losses} processes`, 'their logs'];
  const [they, last] = losses === 1 ? ['it', 'its'] : ['they', 'their'];
  return `${processes} ended unscraped: what ${they} counted after ${last} last scrape is known from ${their} alone`;
}

function describeShare(share: number): string {
  const percent = share * 100;
  return percent < 0.1 ? 'less than 0.1%' : `${percent.toFixed(1)}%`;
}
