import { type DrainCheck, type DrainVerdict, describeMoment, formatDuration, formatInstant } from '@crossfade/core';
import { respondingCount } from '../fleet/fleet-size.ts';
import { brownoutNow, metersNow, type PlanView, statusNow } from './plan-view.ts';
import type { Polled } from './poll.ts';
import { legacyShare, type Traffic, totalPerSecond } from './traffic.ts';

/** The time of day in UTC. */
export function clockText(atMs: number): string {
  return formatInstant(atMs).replace(/^.*T(.*)\.\d+Z$/, '$1Z');
}

/** The phase by the flags that were read last, marked as such while they cannot be read. */
export function phaseText(view: PlanView): string {
  const status = statusNow(view);
  if (status === null) return 'phase unknown';
  return view.store.trouble === null ? status.state.phase : `${status.state.phase} when last read`;
}

/** Says what is not known, since when and why; `undefined` while it is known. */
export function troubleText(polled: Polled<unknown>, nowMs: number): string | undefined {
  if (polled.trouble === null) return undefined;
  const { sinceMs, why } = polled.trouble;
  const last = polled.readAtMs === null ? 'never read' : `last read ${agoText(polled.readAtMs, nowMs)}`;
  return `unknown since ${clockText(sinceMs)} (${formatDuration(Math.max(1000, nowMs - sinceMs))}), ${last}: ${why}`;
}

export function agoText(atMs: number, nowMs: number): string {
  return `${formatDuration(Math.max(0, Math.round((nowMs - atMs) / 1000) * 1000))} ago`.replace(
    /^0ms ago$/,
    'just now',
  );
}

export function rateText(perSecond: number): string {
  if (perSecond >= 10_000) return `${(perSecond / 1000).toFixed(1)}k/s`;
  if (perSecond >= 10) return `${Math.round(perSecond)}/s`;
  if (perSecond === 0) return '0/s';
  return perSecond < 0.1 ? '<0.1/s' : `${perSecond.toFixed(1)}/s`;
}

/** Requests per second now, and those with legacy tokens among them. */
export function requestsText(view: PlanView, traffic: Traffic): string {
  const snapshot = metersNow(view)?.snapshot;
  const [responding, expected] = [snapshot === undefined ? 0 : respondingCount(snapshot), snapshot?.expected ?? null];
  const part = expected !== null && responding < expected ? `, of ${responding} of ${expected} meters` : '';
  const { legacy } = traffic.perSecond;
  const over = formatDuration(Math.round(traffic.overMs / 1000) * 1000);
  return `${rateText(totalPerSecond(traffic))}, legacy ${rateText(legacy)} (mean of ${over})${part}`;
}

/**
 * When the legacy audience could be drained: the latest time at which a check of the gate that does not pass could pass by
 * waiting alone, if no legacy token is seen again. Unknown before every login asks for target, while a check waits for
 * something else than time, and while flags or meters cannot be read.
 */
export function drainedText(view: PlanView): string {
  const status = statusNow(view);
  if (view.store.trouble !== null) return 'unknown: the flags cannot be read';
  if (status === null) return 'unknown: reading the flags';
  if (status.state.phase === 'contract') return 'closed';
  if (metersNow(view) === null)
    return view.meters === null ? 'unknown: the plan names no meter' : 'unknown: the meters are not read';
  const { drain } = status.situation;
  if (status.state.phase !== 'drain') return `unknown: ${status.state.drainEta}`;
  if (drain.verdict === 'pass') return 'now: the gate passes';
  if (drain.earliestPassMs !== null)
    return `${describeMoment(drain.earliestPassMs, view.nowMs)}, if no legacy token comes`;
  return `unknown: waiting does not settle ${drain.checks
    .filter(isStuck)
    .map(({ name }) => name)
    .join(', ')}`;
}

function isStuck({ verdict, passesAtMs }: DrainCheck): boolean {
  return verdict !== 'pass' && passesAtMs === null;
}

/** The gate's verdict with the shortest reason of that verdict. */
export function gateText({ verdict, checks }: DrainVerdict): string {
  const reasons = checks.filter((check) => check.verdict !== 'pass');
  const [first] = reasons
    .filter((check) => check.verdict === verdict)
    .sort((one, other) => one.detail.length - other.detail.length);
  if (first === undefined) return verdict;
  const more = reasons.length > 1 ? ` (and ${reasons.length - 1} more)` : '';
  return `${verdict}${more}: ${first.detail}`;
}

/** The running brownout, if there is one. */
export function brownoutText(view: PlanView): string | undefined {
  const brownout = brownoutNow(view);
  if (brownout === null) return undefined;
  const { refused = null, stoppedAt = [] } = metersNow(view)?.brownout ?? {};
  return [
    `legacy refused for ${brownout.percent}% of clients, until ${describeMoment(brownout.untilMs, view.nowMs)}`,
    ...(refused === null ? [] : [`${refused} requests refused`]),
    ...(stoppedAt.length === 0 ? [] : [`stopped by itself at ${stoppedAt.join(', ')}`]),
  ].join('; ');
}

/** Where the legacy share stood when the view began, and where it stands now. */
export function shareText({ history, nowMs }: PlanView, percent: (share: number) => string): string {
  const known = history.filter(({ share }) => share !== null);
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined) return 'no request with a token of a side yet';
  return `${percent(first.share ?? 0)} ${agoText(first.atMs, nowMs)}, ${percent(last.share ?? 0)} ${agoText(last.atMs, nowMs)}`;
}

/** The legacy share now; `null` where it is unknown. */
export function shareNow(view: PlanView): number | null {
  const traffic = metersNow(view)?.traffic;
  return traffic == null ? null : legacyShare(traffic);
}
