import type { SidecarStatus } from '@crossfade/core/status';
import type { DrainShown } from './dashboard-state.ts';
import { createElement, elementOf, setText, updateChildren } from './element.ts';
import { formatSpan } from './labels.ts';

const VERDICT_LABELS = { pass: 'may close', fail: 'not yet', inconclusive: 'cannot tell yet' } as const;

/** Shows when the drain can be over, and the gate's checks. */
export function showDrain(drain: DrainShown, { phase }: SidecarStatus, nowMs: number): void {
  const draining = phase === 'drain';
  const verdict = elementOf('verdict');
  verdict.dataset['verdict'] = draining ? drain.verdict : 'idle';
  setText('verdict', draining ? VERDICT_LABELS[drain.verdict] : phase === 'contract' ? 'over' : 'has not begun');
  setText('eta-distance', draining ? describeDistance(drain, nowMs) : phase === 'contract' ? 'Over' : 'Not begun');
  setText('eta-label', describeEta(drain, phase));
  setText('eta-because', draining && drain.because !== null ? sentence(drain.because) : '');
  const outlook = elementOf('outlook');
  outlook.dataset['state'] = draining && drain.verdict === 'fail' && drain.earliestPassAt === null ? 'bad' : 'good';
  setText('outlook', describeOutlook(drain, phase, nowMs));
  setText('outlook-because', draining && drain.because !== null ? drain.because : '');
  // Before the drain, connections of legacy tokens are what is expected.
  setText('drain-notes', draining || phase === 'contract' ? drain.notes.map(sentence).join(' ') : '');
  const list = elementOf('checks');
  list.hidden = phase === 'contract';
  list.toggleAttribute('data-idle', !draining);
  updateChildren(
    list,
    drain.checks.map(({ name, verdict: result, detail, runbook }) => {
      const item = createElement(
        'li',
        '',
        iconOf(result),
        createElement(
          'div',
          '',
          createElement('b', 'check-name', name.replaceAll('_', ' ')),
          ' ',
          createElement('span', '', detail),
          ...(result === 'pass' ? [] : [' ', runbookLink(runbook)]),
        ),
      );
      item.dataset['verdict'] = result;
      return item;
    }),
  );
}

/** The drain in a few words: until when it lasts. */
function describeOutlook(drain: DrainShown, phase: SidecarStatus['phase'], nowMs: number): string {
  if (phase === 'contract') return 'over: legacy is closed';
  if (phase !== 'drain') return 'not begun';
  if (drain.verdict === 'pass') return `${VERDICT_LABELS.pass}, as far as this sidecar sees`;
  const distance = describeDistance(drain, nowMs);
  return distance === 'Unknown'
    ? 'waiting alone is not enough'
    : `${VERDICT_LABELS[drain.verdict]}: ${distance.toLowerCase()}`;
}

function runbookLink(name: string): HTMLAnchorElement {
  const link = createElement('a', 'runbook', `Runbook: ${name}`);
  link.href = `runbooks/${name}`;
  return link;
}

function describeEta({ eta, verdict }: DrainShown, phase: SidecarStatus['phase']): string {
  if (phase === 'contract') return 'The legacy audience is closed.';
  if (phase === 'drain' && verdict === 'pass') return 'This sidecar has seen nothing that holds up a close.';
  return sentence(eta);
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

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
