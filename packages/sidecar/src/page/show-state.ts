import type { SidecarStatus } from '@crossfade/core/status';
import type { DashboardState } from './dashboard-state.ts';
import { createElement, elementOf, setCount, setText } from './element.ts';
import {
  describeAcceptance,
  describeAcceptanceSource,
  describeIssuance,
  formatAgo,
  formatCount,
  formatSpan,
  formatTime,
  PHASE_LABELS,
} from './labels.ts';
import { showDrain } from './show-drain.ts';

/** Shows everything but the tables and the chart. */
export function showState({ status, drain, names, at, enforces, mode, flagSource }: DashboardState): void {
  const nowMs = Date.parse(at);
  setText('service', status.service);
  setText('migration', status.migration);
  setText('legacy-name', names.legacy);
  setText('target-name', names.target);
  document.title = `${status.phase} · ${status.service} · Crossfade`;
  showPhase(status, enforces, nowMs);
  showCounts(status, nowMs);
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

function showPhase({ phase, issuance, acceptance, shown }: SidecarStatus, enforces: boolean, nowMs: number): void {
  let passed = true;
  for (const step of elementOf('phases').children) {
    const isCurrent = step.getAttribute('data-phase') === phase;
    if (isCurrent) passed = false;
    step.toggleAttribute('data-passed', passed);
    if (isCurrent) step.setAttribute('aria-current', 'step');
    else step.removeAttribute('aria-current');
  }
  setText('phase-label', PHASE_LABELS[phase]);
  setText('issuance-label', describeIssuance(issuance.percent));
  const since = issuance.since === null ? null : Date.parse(issuance.since);
  setText(
    'issuance-since',
    since === null ? '' : `since ${formatTime(since, nowMs)}, ${formatAgo(issuance.since, nowMs)}`,
  );
  setText('acceptance-label', describeAcceptance(acceptance));
  setText('acceptance-source', describeAcceptanceSource(shown, enforces));
}

function showCounts(status: SidecarStatus, nowMs: number): void {
  const { validUnauthorized, lastValidUnauthorizedAt, audiences } = status;
  setCount('valid-unauthorized', validUnauthorized);
  elementOf('zero').dataset['state'] = validUnauthorized === 0 ? 'good' : 'bad';
  setText(
    'valid-unauthorized-label',
    validUnauthorized === 0
      ? 'No valid token was rejected. It must stay 0.'
      : `It must be 0. Last ${formatAgo(lastValidUnauthorizedAt, nowMs)}. If it rises: crossfade rollback`,
  );
  const sum = (outcome: 'accepted' | 'rejected') =>
    Object.values(audiences).reduce((total, count) => total + count[outcome], 0);
  setCount('accepted', sum('accepted'));
  setCount('rejected', sum('rejected'));
  setCount('after-close', status.afterClose.rejected);
  setCount('unavailable', status.unavailable);
}

const NO_REFRESHES = { success: 0, failure: 0 };

function showHealth({ flags, keys }: SidecarStatus, source: string): void {
  const age = flags.ageSeconds === null ? 'never confirmed' : `confirmed ${formatSpan(flags.ageSeconds * 1000)} ago`;
  const problem = flags.problem === undefined ? '' : `: ${flags.problem}`;
  showText(
    'flags',
    flags.stale ? 'bad' : problem === '' ? 'good' : 'warn',
    `${flags.stale ? 'stale, ' : ''}${age}`,
    `${source}, revision ${flags.revision ?? 'unknown'}${problem}`,
  );
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
