import type { Clock, Phase } from '@crossfade/core';
import type { Ledger } from '../ledger/ledger.ts';
import { COLOURFUL, PLAIN } from '../ledger/paint.ts';
import { drawScene, sceneLine } from './draw-frame.ts';
import { createRecentShare, type Scene } from './frame.ts';

/** Shows a rehearsal while it happens. */
export interface View {
  /** Prints a line that stays. */
  say(line: string): void;
  step(title: string): void;
  phase(phase: Phase): void;
  /** When, in ms, the gate can pass at the earliest; `undefined` when nobody knows. */
  drainsAt(timeMs: number | undefined): void;
  /** Traffic flows from now on. */
  watch(ledger: Pick<Ledger, 'tally'>): void;
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
 * On a terminal: a picture that is drawn anew several times a second, below the lines that stay. Elsewhere: those lines,
 * and every few seconds one that sums up.
 */
export function createView({ screen, colour, now }: ViewOptions): View {
  const isLive = screen.isTTY === true;
  const paint = colour === 'colour' ? COLOURFUL : PLAIN;
  const recentShare = createRecentShare(RECENT_MS, now);
  const startedAtMs = now();
  let phase: Phase | undefined;
  let step = '';
  let drainsAtMs: number | undefined;
  let ledger: Pick<Ledger, 'tally'> | undefined;
  let drawn = 0;
  let timer: NodeJS.Timeout | undefined;

  const erase = (): void => {
    screen.write(UP_AND_CLEAR.repeat(drawn));
    drawn = 0;
  };
  const scene = (tally: Scene['tally']): Scene => ({
    phase,
    step,
    elapsedMs: now() - startedAtMs,
    tally,
    recentLegacyShare: recentShare(tally),
    drainsInMs: drainsAtMs === undefined ? undefined : drainsAtMs - now(),
  });
  const draw = (): void => {
    if (ledger === undefined || !isLive) return;
    const lines = drawScene(scene(ledger.tally()), screen.columns ?? 80, paint);
    erase();
    screen.write(`${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  const say = (line: string): void => {
    erase();
    screen.write(`${line}\n`);
    draw();
  };

  return {
    say,
    step(title) {
      step = title;
      say(`\n${paint('bold', title)}`);
    },
    phase(next) {
      if (next === phase) return;
      phase = next;
      const counts = ledger?.tally();
      const soFar = counts === undefined ? '' : ` (${counts.requests} requests, ${counts.rejected} rejected so far)`;
      say(`${paint('magenta', `phase ${next}`)}${soFar}`);
    },
    drainsAt(timeMs) {
      drainsAtMs = timeMs;
    },
    watch(source) {
      ledger = source;
      const sumUp = () => say(paint('dim', sceneLine(scene(source.tally()), PLAIN)));
      timer = isLive ? setInterval(draw, REDRAW_EVERY_MS) : setInterval(sumUp, PRINT_EVERY_MS);
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
