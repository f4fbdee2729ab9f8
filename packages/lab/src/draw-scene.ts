import { formatDuration, PHASES } from '@crossfade/core';
import type { Paint } from './paint.ts';
import type { Scene } from './scene.ts';

const NARROWEST = 40;
const WIDEST = 100;

/** Draws the moment as lines that fit the width. */
export function drawScene(scene: Scene, width: number, paint: Paint): readonly string[] {
  const columns = Math.min(Math.max(width - 1, NARROWEST), WIDEST);
  return [
    phaseLine(scene, paint),
    mixBar(scene.recentLegacyShare, columns, paint),
    countsLine(scene, paint),
    paint('dim', scene.step.slice(0, columns)),
  ];
}

/** The moment as one line, for logs. */
export function sceneLine(scene: Scene, paint: Paint): string {
  const share = scene.recentLegacyShare;
  const mix = share === undefined ? 'no traffic' : `${Math.round(share * 100)}% legacy`;
  return `${scene.phase ?? 'starting'} · ${mix} · ${countsLine(scene, paint)}`;
}

function phaseLine({ phase }: Scene, paint: Paint): string {
  return PHASES.map((name) => (name === phase ? paint('bold', `● ${name}`) : paint('dim', `○ ${name}`))).join('  ');
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

function countsLine({ tally, elapsedMs, drainsInMs }: Scene, paint: Paint): string {
  const bad = (count: number, what: string) => paint(count === 0 ? 'green' : 'red', `${count} ${what}`);
  const counts = [`${tally.requests} requests`, bad(tally.rejected, 'rejected'), bad(tally.unavailable, 'unavailable')];
  return [...counts, formatDuration(elapsedMs), ...eta(drainsInMs)].join(' · ');
}

function eta(drainsInMs: number | undefined): string[] {
  if (drainsInMs === undefined) return [];
  return [drainsInMs <= 0 ? 'the gate may pass now' : `ETA of the gate ${formatDuration(drainsInMs)}`];
}
