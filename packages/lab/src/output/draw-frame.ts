import { formatDuration, PHASES } from '@crossfade/core';
import type { Frame } from './frame.ts';
import type { Paint } from './paint.ts';

const NARROWEST = 40;
const WIDEST = 100;
const SEPARATOR = ' · ';

/** Draws the frame as lines that fit the width. */
export function drawFrame(frame: Frame, width: number, paint: Paint): readonly string[] {
  const columns = Math.min(Math.max(width - 1, NARROWEST), WIDEST);
  return [
    phaseLine(frame, columns, paint),
    mixBar(frame.recentLegacyShare, columns, paint),
    countsLine(frame, columns, paint),
    paint('dim', frame.step.slice(0, columns)),
  ];
}

/** Formats the frame as one line, for logs. */
export function frameLine(frame: Frame, paint: Paint): string {
  const share = frame.recentLegacyShare;
  const mix = share === undefined ? 'no traffic' : `${Math.round(share * 100)}% legacy`;
  return `${frame.phase ?? 'starting'} · ${mix} · ${countsLine(frame, Number.POSITIVE_INFINITY, paint)}`;
}

function phaseLine({ phase }: Frame, columns: number, paint: Paint): string {
  const isNarrow = PHASES.join('    ').length + 2 > columns;
  const shown = isNarrow ? PHASES.filter((name) => name === phase) : PHASES;
  return shown.map((name) => (name === phase ? paint('bold', `● ${name}`) : paint('dim', `○ ${name}`))).join('  ');
}

/** A bar of the legacy and target shares of the traffic. */
function mixBar(share: number | undefined, columns: number, paint: Paint): string {
  if (share === undefined) return paint('dim', 'no traffic yet');
  const percent = Math.round(share * 100);
  const left = `legacy ${String(percent).padStart(3)}% `;
  const right = ` ${String(100 - percent).padStart(3)}% target`;
  const length = columns - left.length - right.length;
  const legacy = Math.round(share * length);
  return `${left}${paint('yellow', '█'.repeat(legacy))}${paint('blue', '░'.repeat(length - legacy))}${right}`;
}

/** Most important first: parts that do not fit are left out. */
function countsLine({ counts, elapsedMs, drainsInMs }: Frame, columns: number, paint: Paint): string {
  const parts: { readonly text: string; readonly colour?: 'green' | 'red' }[] = [
    { text: `${counts.requests} requests` },
    { text: `${counts.rejected} rejected`, colour: counts.rejected === 0 ? 'green' : 'red' },
    { text: `${counts.unavailable} unavailable`, colour: counts.unavailable === 0 ? 'green' : 'red' },
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
  return drainsInMs <= 0 ? 'the gate may pass now' : `gate may pass in ${formatDuration(drainsInMs)}`;
}
