import type { DashboardState, DrainShown, StatusShown } from './dashboard-state.ts';
import { elementOf, make, put, putCount } from './element.ts';
import {
  describeAcceptance,
  describeAcceptanceSource,
  describeIssuance,
  formatAgo,
  formatCount,
  formatSpan,
  formatTime,
  PHASE_WORDS,
} from './words.ts';

/** Puts the numbers of a moment onto the page; the tables and the picture are shown apart. */
export function showState({ status, drain, names, at, enforces, mode, flagSource }: DashboardState): void {
  const nowMs = Date.parse(at);
  put('service', status.service);
  put('migration', status.migration);
  put('legacy-name', names.legacy);
  put('target-name', names.target);
  document.title = `${status.phase} · ${status.service} · Crossfade`;
  showPhase(status, enforces, nowMs);
  showCounts(status, nowMs);
  showDrain(drain, status, nowMs);
  showHealth(status, flagSource);
  showText(
    'process',
    'good',
    `up ${formatSpan(nowMs - Date.parse(status.startedAt))}`,
    `version ${status.version}, ${mode}, ${enforces ? 'enforces' : 'only watches'}`,
  );
  put('started', formatTime(Date.parse(status.startedAt), nowMs));
  elementOf('started').setAttribute('datetime', status.startedAt);
}

function showPhase({ phase, issuance, acceptance, shown }: StatusShown, enforces: boolean, nowMs: number): void {
  let passed = true;
  for (const step of elementOf('phases').children) {
    const isCurrent = step.getAttribute('data-phase') === phase;
    if (isCurrent) passed = false;
    step.toggleAttribute('data-passed', passed);
    if (isCurrent) step.setAttribute('aria-current', 'step');
    else step.removeAttribute('aria-current');
  }
  put('phase-words', PHASE_WORDS[phase]);
  put('issuance-words', describeIssuance(issuance.percent));
  const since = issuance.since === null ? null : Date.parse(issuance.since);
  put('issuance-since', since === null ? '' : `since ${formatTime(since, nowMs)}, ${formatAgo(issuance.since, nowMs)}`);
  put('acceptance-words', describeAcceptance(acceptance));
  put('acceptance-source', describeAcceptanceSource(shown, enforces));
}

function showCounts(status: StatusShown, nowMs: number): void {
  const { validUnauthorized, lastValidUnauthorizedAt, audiences } = status;
  putCount('valid-unauthorized', validUnauthorized);
  elementOf('zero').dataset['state'] = validUnauthorized === 0 ? 'good' : 'bad';
  put(
    'valid-unauthorized-words',
    validUnauthorized === 0
      ? 'No valid token was turned away. It must stay 0.'
      : `It must be 0. Last ${formatAgo(lastValidUnauthorizedAt, nowMs)}. If it rises: crossfade rollback`,
  );
  const sum = (outcome: 'accepted' | 'rejected') =>
    Object.values(audiences).reduce((total, count) => total + count[outcome], 0);
  putCount('accepted', sum('accepted'));
  putCount('rejected', sum('rejected'));
  putCount('after-close', status.afterClose.rejected);
  putCount('unavailable', status.unavailable);
}

const VERDICT_WORDS = { pass: 'may close', fail: 'not yet', inconclusive: 'can not tell yet' } as const;

function showDrain(drain: DrainShown, { phase }: StatusShown, nowMs: number): void {
  const draining = phase === 'drain';
  const verdict = elementOf('verdict');
  verdict.dataset['verdict'] = draining ? drain.verdict : 'idle';
  put('verdict', draining ? VERDICT_WORDS[drain.verdict] : phase === 'contract' ? 'over' : 'has not begun');
  put('eta-distance', draining ? describeDistance(drain, nowMs) : phase === 'contract' ? 'Over' : 'Not begun');
  put(
    'eta-words',
    draining && drain.verdict === 'pass' ? 'As far as this sidecar saw, nothing is in the way.' : sentence(drain.eta),
  );
  put('eta-because', draining && drain.because !== null ? sentence(drain.because) : '');
  const list = elementOf('checks');
  list.hidden = phase === 'contract';
  list.replaceChildren(
    ...drain.checks.map(({ name, verdict: result, detail }) => {
      const item = make(
        'li',
        '',
        iconOf(result),
        make('div', '', make('b', 'check-name', name.replaceAll('_', ' ')), ' ', make('span', '', detail)),
      );
      item.dataset['verdict'] = result;
      return item;
    }),
  );
}

function describeDistance({ earliestPassAt, verdict }: DrainShown, nowMs: number): string {
  if (verdict === 'pass') return 'Now';
  if (earliestPassAt === null) return 'Unknown';
  return `In ${formatSpan(Date.parse(earliestPassAt) - nowMs)}`;
}

const ICONS = {
  pass: { path: 'M5 9.5l3 3 5.5-6.5', name: 'pass' },
  fail: { path: 'M6 6l6 6M12 6l-6 6', name: 'fail' },
  inconclusive: { path: 'M9 5v4.6M9 12.6v.4', name: 'inconclusive' },
} as const;

function iconOf(verdict: keyof typeof ICONS): SVGSVGElement {
  const { path, name } = ICONS[verdict];
  const icon = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const attributes = { viewBox: '0 0 18 18', width: '18', height: '18', role: 'img', 'aria-label': name, fill: 'none' };
  for (const [key, value] of Object.entries(attributes)) icon.setAttribute(key, value);
  for (const [shape, d] of [
    ['circle', ''],
    ['path', path],
  ] as const) {
    const part = document.createElementNS('http://www.w3.org/2000/svg', shape);
    const look =
      shape === 'circle'
        ? { cx: '9', cy: '9', r: '9', fill: 'currentColor', opacity: '0.16' }
        : { d, stroke: 'currentColor', 'stroke-width': '1.8', 'stroke-linecap': 'round', 'stroke-linejoin': 'round' };
    for (const [key, value] of Object.entries(look)) part.setAttribute(key, value);
    icon.append(part);
  }
  return icon;
}

function showHealth({ flags, keys }: StatusShown, source: string): void {
  const age = flags.ageSeconds === null ? 'never confirmed' : `confirmed ${formatSpan(flags.ageSeconds * 1000)} ago`;
  const trouble = flags.problem === undefined ? '' : `: ${flags.problem}`;
  showText(
    'flags',
    flags.stale ? 'bad' : trouble === '' ? 'good' : 'warn',
    `${flags.stale ? 'stale, ' : ''}${age}`,
    `${source}, revision ${flags.revision ?? 'unknown'}${trouble}`,
  );
  for (const side of ['legacy', 'target'] as const) {
    const { ageSeconds = null, refreshes = { success: 0, failure: 0 } } = keys.find((key) => key.side === side) ?? {};
    const fetched = ageSeconds === null ? 'not fetched yet' : `fetched ${formatSpan(ageSeconds * 1000)} ago`;
    const state = ageSeconds === null ? (refreshes.failure > 0 ? 'bad' : 'waiting') : 'good';
    showText(
      `${side}-keys`,
      state,
      fetched,
      `${formatCount(refreshes.success)} fetched, ${formatCount(refreshes.failure)} failed`,
    );
  }
}

function showText(id: string, state: string, text: string, more: string): void {
  const element = elementOf(id);
  element.dataset['state'] = state;
  if (element.textContent !== text + more) element.replaceChildren(text, make('small', '', more));
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
