import { formatDuration, PHASES } from '@crossfade/core';
import type { Paint } from '../ledger/paint.ts';
import type { Scene } from './frame.ts';

const NARROWEST = 40;
const WIDEST = 100;
const SEPARATOR = ' · ';

/** Draws the moment as lines that fit the width. */
export function drawScene(scene: Scene, width: number, paint: Paint): readonly string[] {
  const columns = Math.min(Math.max(width - 1, NARROWEST), WIDEST);
  return [
    phaseLine(scene, columns, paint),
    mixBar(scene.recentLegacyShare, columns, paint),
    countsLine(scene, columns, paint),
    paint('dim', scene.step.slice(0, columns)),
  ];
}

/** The moment as one line, for logs. */
export function sceneLine(scene: Scene, paint: Paint): string {
  const share = scene.recentLegacyShare;
  const mix = share === undefined ? 'no traffic' : `${Math.round(share * 100)}% legacy`;
  return `${scene.phase ?? 'starting'} · ${mix} · ${countsLine(scene, Number.POSITIVE_INFINITY, paint)}`;
}

function phaseLine({ phase }: Scene, columns: number, paint: Paint): string {
  const isNarrow = PHASES.join('    ').length + 2 > columns;
  const shown = isNarrow ? PHASES.filter((name) => name === phase) : PHASES;
  return shown.map((name) => (name === phase ? paint('bold', `● ${name}`) : paint('dim', `○ ${name}`))).join('  ');
}

/** The crossfade itself: how much of the traffic is legacy, how much target. */
function mixBar(share: number | undefined, columns: number, paint: Paint): string {
  if (share === undefined) return paint('dim', 'no traffic yet');
  const percent = Math.round(share * 100);
  const left = `legacy ${String(percent).padStart(3)}% `;
  const right = ` ${String(100 - percent).padStart(3)}% target`;
  const length = columns - left.length - right.length;
  const legacy = Math.round(share * length);
  return `${left}${paint('yellow', '█'.repeat(legacy))}${paint('blue', '░'.repeat(length - legacy))}${right}`;
}

/** The most important first: what does not fit is left out. */
function countsLine({ tally, elapsedMs, drainsInMs }: Scene, columns: number, paint: Paint): string {
  const parts: { readonly text: string; readonly colour?: 'green' | 'red' }[] = [
    { text: `${tally.requests} requests` },
    { text: `${tally.rejected} rejected`, colour: tally.rejected === 0 ? 'green' : 'red' },
    { text: `${tally.unavailable} unavailable`, colour: tally.unavailable === 0 ? 'green' : 'red' },
    { text: formatDuration(elapsedMs) },
    ...(drainsInMs === undefined ? [] : [{ text: eta(drainsInMs) }]),
  ];
  let length = 0;
  const fitting = parts.filter(({ text }) => {
    length += text.length + SEPARATOR.length;
    return length - SEPARATOR.length <= columns;
  });
  return fitting.map(({ text, colour }) => (colour === undefined ? text : paint(colour, text))).join(SEPARATOR);
}

function eta(drainsInMs: number): string {
  return drainsInMs <= 0 ? 'the gate may pass now' : `ETA of the gate ${formatDuration(drainsInMs)}`;
}
