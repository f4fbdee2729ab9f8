import type { Clock, Phase } from '@crossfade/core';
import type { Ledger } from '../ledger/ledger.ts';
import { drawFrame, frameLine } from './draw-frame.ts';
import { createRecentShare, type Frame } from './frame.ts';
import { COLOURFUL, PLAIN } from './paint.ts';

/** Shows the progress of a rehearsal. */
export interface View {
  /** Prints a line that stays. */
  print(line: string): void;
  step(title: string): void;
  phase(phase: Phase): void;
  /** The earliest time, in ms, at which the gate can pass; `undefined` while unknown. */
  drainsAt(timeMs: number | undefined): void;
  /** Starts to show the counts of `ledger`. */
  watch(ledger: Pick<Ledger, 'counts'>): void;
  end(): void;
}

interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface ViewOptions {
  readonly screen: Screen;
  readonly colour: 'colour' | 'plain';
  readonly now: Clock;
}

const REDRAW_EVERY_MS = 250;
const PRINT_EVERY_MS = 5000;
const RECENT_MS = 3000;
const UP_AND_CLEAR = '\u001B[1A\u001B[2K';

/**
 * Creates a view. On a terminal it redraws the current frame several times a second, below the lines that stay.
 * Elsewhere it prints those lines, and a summary line every few seconds.
 */
export function createView({ screen, colour, now }: ViewOptions): View {
  const isLive = screen.isTTY === true;
  const paint = colour === 'colour' ? COLOURFUL : PLAIN;
  const recentShare = createRecentShare(RECENT_MS, now);
  const startedAtMs = now();
  let phase: Phase | undefined;
  let step = '';
  let drainsAtMs: number | undefined;
  let ledger: Pick<Ledger, 'counts'> | undefined;
  let drawn = 0;
  let timer: NodeJS.Timeout | undefined;

  const erase = (): void => {
    screen.write(UP_AND_CLEAR.repeat(drawn));
    drawn = 0;
  };
  const frame = (counts: Frame['counts']): Frame => ({
    phase,
    step,
    elapsedMs: now() - startedAtMs,
    counts,
    recentLegacyShare: recentShare(counts),
    drainsInMs: drainsAtMs === undefined ? undefined : drainsAtMs - now(),
  });
  const draw = (): void => {
    if (ledger === undefined || !isLive) return;
    const lines = drawFrame(frame(ledger.counts()), screen.columns ?? 80, paint);
    erase();
    screen.write(`${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  const print = (line: string): void => {
    erase();
    screen.write(`${line}\n`);
    draw();
  };

  return {
    print,
    step(title) {
      step = title;
      print(`\n${paint('bold', title)}`);
    },
    phase(next) {
      if (next === phase) return;
      phase = next;
      const counts = ledger?.counts();
      const soFar = counts === undefined ? '' : ` (${counts.requests} requests, ${counts.rejected} rejected so far)`;
      print(`${paint('magenta', `phase ${next}`)}${soFar}`);
    },
    drainsAt(timeMs) {
      drainsAtMs = timeMs;
    },
    watch(source) {
      ledger = source;
      const summarize = () => print(paint('dim', frameLine(frame(source.counts()), PLAIN)));
      timer = isLive ? setInterval(draw, REDRAW_EVERY_MS) : setInterval(summarize, PRINT_EVERY_MS);
      timer.unref();
    },
    end() {
      clearInterval(timer);
      draw();
      drawn = 0;
      ledger = undefined;
    },
  };
}
