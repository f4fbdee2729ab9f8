import type { SidecarStatus } from '@crossfade/core/status';
import type { DashboardState, HistoryShown } from './dashboard-state.ts';
import { createElement, elementOf, setCount, setRunbook, setText } from './element.ts';
import { formatAgo, formatCount, formatSpan, formatTime } from './labels.ts';
import { showDrain } from './show-drain.ts';
import { countRecent, describeBrownout, describeFlags, describeUnauthorized, isRecent } from './state-labels.ts';

/** Shows everything but the tables and the chart. */
export function showState(state: DashboardState, points: HistoryShown['points']): void {
  const { status, drain, names, at, enforces, mode, flagSource, runbook } = state;
  const nowMs = Date.parse(at);
  setText('service', status.service);
  setText('migration', status.migration);
  setText('legacy-name', names.legacy);
  setText('target-name', names.target);
  document.title = `${status.phase} · ${status.service} · Crossfade`;
  showPhase(state, nowMs);
  setRunbook('phase-runbook', runbook);
  showCounts(status, points, nowMs);
  showDrain(drain, status, nowMs);
  showHealth(status, flagSource);
  showText(
    'process',
    'good',
    `up ${formatSpan(nowMs - Date.parse(status.startedAt))}`,
    `version ${status.version}, ${mode}, ${enforces ? 'enforces' : 'observes only'}`,
  );
  setText('started', formatTime(Date.parse(status.startedAt), nowMs));
  elementOf('started').setAttribute('datetime', status.startedAt);
}

function showPhase({ status, position }: DashboardState, nowMs: number): void {
  const { phase, issuance } = status;
  let passed = true;
  for (const step of elementOf('phases').children) {
    const isCurrent = step.getAttribute('data-phase') === phase;
    if (isCurrent) passed = false;
    step.toggleAttribute('data-passed', passed);
    if (isCurrent) step.setAttribute('aria-current', 'step');
    else step.removeAttribute('aria-current');
  }
  setText('phase-label', position.phase);
  setText('issuance-label', position.issuance);
  const since = issuance.since === null ? null : Date.parse(issuance.since);
  setText(
    'issuance-since',
    since === null ? '' : `since ${formatTime(since, nowMs)}, ${formatAgo(issuance.since, nowMs)}`,
  );
  setText('acceptance-label', position.api);
  elementOf('acceptance-label').dataset['state'] = position.isApiWrong ? 'bad' : 'good';
  setText('acceptance-source', position.apiSource);
  const brownout = describeBrownout(status.brownout, nowMs);
  setText('brownout-label', brownout);
  elementOf('brownout').hidden = brownout === '';
}

function showCounts(status: SidecarStatus, points: HistoryShown['points'], nowMs: number): void {
  const { validUnauthorized, lastValidUnauthorizedAt, audiences } = status;
  setCount('valid-unauthorized', validUnauthorized);
  const isNow = isRecent(lastValidUnauthorizedAt, nowMs);
  elementOf('zero').dataset['state'] = validUnauthorized === 0 ? 'good' : isNow ? 'bad' : 'past';
  setText('valid-unauthorized-label', describeUnauthorized(status, countRecent(points, nowMs), nowMs));
  elementOf('unauthorized-runbook').hidden = validUnauthorized === 0;
  const sum = (outcome: 'accepted' | 'rejected') =>
    Object.values(audiences).reduce((total, count) => total + count[outcome], 0);
  setCount('accepted', sum('accepted'));
  setCount('rejected', sum('rejected'));
  setCount('after-close', status.afterClose.rejected);
  setCount('unavailable', status.unavailable);
}

const NO_REFRESHES = { success: 0, failure: 0 };

function showHealth({ flags, keys }: SidecarStatus, source: string): void {
  const state = flags.stale ? 'bad' : flags.problem === undefined ? 'good' : 'warn';
  showText('flags', state, `${flags.stale ? 'stale: ' : ''}${flags.source ?? source}`, describeFlags(flags));
  for (const side of ['legacy', 'target'] as const) {
    const { ageSeconds = null, refreshes = NO_REFRESHES, missing } = keys.find((key) => key.side === side) ?? {};
    const fetched = ageSeconds === null ? 'not fetched yet' : `fetched ${formatSpan(ageSeconds * 1000)} ago`;
    const state = ageSeconds === null ? (refreshes.failure > 0 ? 'bad' : 'waiting') : 'good';
    showText(
      `${side}-keys`,
      state,
      fetched,
      `${formatCount(refreshes.success)} fetched, ${formatCount(refreshes.failure)} failed${refreshes.failure > 0 && missing !== undefined ? `: ${missing}` : ''}`,
    );
  }
}

function showText(id: string, state: string, text: string, more: string): void {
  const element = elementOf(id);
  element.dataset['state'] = state;
  if (element.textContent !== text + more) element.replaceChildren(text, createElement('small', '', more));
}
