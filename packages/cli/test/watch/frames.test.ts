import { DEFAULT_FLAG_DOCUMENT, type RecordedMove } from '@crossfade/core';
import { parsePlanText } from '@crossfade/core/plan-file';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_FLEET, type FleetSnapshot, type MeterReading } from '../../src/fleet/fleet.ts';
import type { Line } from '../../src/watch/block.ts';
import { widthOf } from '../../src/watch/fit-text.ts';
import { glyphsFor } from '../../src/watch/glyphs.ts';
import { planFrame } from '../../src/watch/plan-frame.ts';
import type { PlanProblem, PlanView } from '../../src/watch/plan-view.ts';
import { plansFrame } from '../../src/watch/plans-frame.ts';
import { partsOf } from '../../src/watch/traffic.ts';
import { NOW_MS, PLAN } from '../fixture/workplace.ts';

const GLYPHS = glyphsFor({ LANG: 'C.UTF-8' });
const BIG = { columns: 80, rows: 24 };
const plan = parsePlanText(JSON.stringify({ ...PLAN, gate: { sidecars: ['http://127.0.0.1:9464'] } }));
const textOf = (lines: readonly Line[]) => lines.map((line) => line.map(({ text }) => text).join(''));
const read = <T>(value: T) => ({ value, readAtMs: NOW_MS - 1000, trouble: null });
const failing = { sinceMs: NOW_MS - 34_000, why: 'the store cannot be reached (ECONNREFUSED)' };

function move(reason: string): RecordedMove {
  const from = { percent: 50, acceptance: 'both' } as const;
  const note = { verb: 'advance', operator: 'alice@laptop', reason };
  return { atMs: NOW_MS - 60_000, state: 'written', id: 'revision 7', revision: '7', from, to: from, ...note };
}

function reading(meter: string): MeterReading {
  const side = { acceptedMs: NOW_MS - 500, unauthorizedMs: null, commanded: undefined };
  return {
    evidence: {
      meter,
      watchedSinceMs: NOW_MS - 90 * 86_400_000,
      legacy: {
        lastSeenMs: NOW_MS - 3_600_000,
        latestIssuedMs: NOW_MS - 7_200_000,
        latestExpiryMs: NOW_MS - 3_600_000,
      },
      target: { lastSeenMs: NOW_MS - 500 },
      lastValidUnauthorizedMs: null,
      disagreements: { reasons: {}, lastVerifiedMs: null, lastUnverifiedMs: null },
    },
    sides: { legacy: side, target: side },
    missingTargetKeys: null,
    issuancePercent: 100,
    revision: '7',
    flagsSource: null,
    flagsHash: null,
    stale: false,
    validUnauthorized: 0,
    openConnections: null,
    forwardedHeaders: null,
    upstream: null,
  };
}

interface Changes {
  readonly percent?: number;
  readonly reason?: string;
  readonly missing?: readonly string[];
  readonly brownoutPercent?: number;
}

function viewOf({ percent = 100, reason = 'checked', missing = [], brownoutPercent }: Changes = {}): PlanView {
  const sinceMs = NOW_MS - 86_400_000;
  const brownout = brownoutPercent === undefined ? null : { percent: brownoutPercent, untilMs: NOW_MS + 600_000 };
  const issuance = { enabled: true, percent, revision: '7', sinceMs };
  const one = reading('http://127.0.0.1:9464');
  const snapshot: FleetSnapshot = {
    ...EMPTY_FLEET,
    expected: 1 + missing.length,
    readings: [one],
    drain: { kind: 'metered', meters: [one.evidence] },
    missing: missing.map((why, at) => ({ meter: `http://127.0.0.1:${at}`, why })),
  };
  const traffic = { perSecond: partsOf({ legacy: 12, target: 30, bridge: 1, none: 2, opaque: 1 }), overMs: 10_000 };
  return {
    plan,
    nowMs: NOW_MS,
    store: read({
      document: { ...DEFAULT_FLAG_DOCUMENT, issuance, brownout },
      running: [],
      lastMove: move(reason),
      moves: null,
    }),
    meters: read({ snapshot, traffic, brownout: null }),
    history: Array.from({ length: 90 }, (_, at) => ({
      atMs: NOW_MS - (90 - at) * 2000,
      share: at % 7 === 3 ? null : at / 90,
    })),
  };
}

describe('the view of one plan', () => {
  it('says everything that an operator asks for in 24 rows of 80 columns', () => {
    const frame = textOf(planFrame(viewOf({ brownoutPercent: 2 }), GLYPHS, BIG));
    const text = frame.join('\n');
    expect(frame[0]).toMatch(/^orders-2026 {2}drain +12:00:00Z {2}q ends$/);
    expect(text).toMatch(/^mix +█+▒+░+\?+·+$/m);
    expect(text).toMatch(/█ legacy 26% {2}▒ both 2% {2}░ target 65% {2}\? other 2% {2}· none 4%/);
    expect(text).toMatch(/^legacy +[▁▂▃▄▅▆▇█ ]+ 28%$/m);
    expect(text).toMatch(/^requests +46\/s, legacy 12\/s \(mean of 10s\)$/m);
    expect(text).toMatch(/^drained +2026-03-\d\dT.*\(in \d+d/m);
    expect(text).toMatch(/^gate +fail \(and \d more\): /m);
    expect(text).toMatch(/^brownout +legacy refused for 2% of clients, until .*\(in 10m\)/m);
    expect(text).toMatch(/^meters +1 of 1 responded 1s ago$/m);
    expect(text).toMatch(/^last move +1m ago: 50% both -> 50% both, advance by alice@laptop/m);
    expect(text).toMatch(/^next +/m);
  });

  it('fits every terminal from 40 columns and 2 rows on, whatever the record holds', () => {
    const any = fc.string({ unit: 'grapheme', maxLength: 200 });
    const sizes = fc.record({ columns: fc.integer({ min: 40, max: 250 }), rows: fc.integer({ min: 2, max: 70 }) });
    fc.assert(
      fc.property(any, fc.array(any, { maxLength: 6 }), sizes, fc.boolean(), (reason, missing, size, isDown) => {
        const up = viewOf({ reason, missing, brownoutPercent: 2 });
        const view = isDown ? { ...up, meters: up.meters && { ...up.meters, trouble: failing } } : up;
        for (const frame of [planFrame(view, GLYPHS, size), plansFrame([view, view, view], NOW_MS, GLYPHS, size)]) {
          const lines = textOf(frame);
          expect(lines.length).toBeLessThanOrEqual(size.rows);
          for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(size.columns);
          expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('shows no old figure as if it were true now', () => {
    const view = viewOf();
    const blind = textOf(
      planFrame({ ...view, meters: view.meters && { ...view.meters, trouble: failing } }, GLYPHS, BIG),
    );
    const text = blind.join('\n');
    expect(text).toMatch(/^meters +unknown since 11:59:26Z \(34s\), last read 1s ago: the store cannot/m);
    expect(text).toMatch(/^mix +unknown since 11:59:26Z: the meters cannot be read$/m);
    expect(text).toMatch(/^requests +unknown since/m);
    expect(text).toMatch(/^drained +unknown: the meters are not read$/m);
    expect(text).toMatch(/^gate +unknown$/m);
    expect(text).toMatch(/^legacy .* \?$/m);
  });

  it('marks the phase that was read last while the flags cannot be read, and states no ETA', () => {
    const view = viewOf();
    const text = textOf(planFrame({ ...view, store: { ...view.store, trouble: failing } }, GLYPHS, BIG)).join('\n');
    expect(text).toMatch(/^orders-2026 {2}drain when last read/);
    expect(text).toMatch(/^drained +unknown: the flags cannot be read$/m);
    expect(text).toMatch(/^store +unknown since/m);
  });

  it('knows no ETA before every login asks for target, nor while waiting alone is not enough', () => {
    const before = textOf(planFrame(viewOf({ percent: 50 }), GLYPHS, BIG)).join('\n');
    expect(before).toMatch(/^drained +unknown: begins when every login asks for target/m);
    const partial = textOf(planFrame(viewOf({ missing: ['cannot be reached'] }), GLYPHS, BIG)).join('\n');
    expect(partial).toMatch(/^drained +unknown: waiting does not settle coverage$/m);
    expect(partial).toMatch(/of 1 of 2 meters/);
  });
});

describe('the view of several plans', () => {
  const problem: PlanProblem = { config: 'broken.yaml', problem: 'crossfade.yaml: legacy.issuer is required' };

  it('gives each as many lines as there are rows, and says how many do not fit', () => {
    const plans = [viewOf(), problem, ...Array.from({ length: 10 }, () => viewOf())];
    const high = textOf(plansFrame(plans, NOW_MS, GLYPHS, { columns: 80, rows: 60 }));
    expect(high.filter((line) => line.startsWith('orders-2026'))).toHaveLength(11);
    expect(high.filter((line) => /^ {2}drained /.test(line))).toHaveLength(11);
    expect(high.join('\n')).toContain('broken.yaml  crossfade.yaml: legacy.issuer is required');
    const low = textOf(plansFrame(plans, NOW_MS, GLYPHS, { columns: 80, rows: 10 }));
    expect(low).toHaveLength(10);
    expect(low.at(-1)).toBe('and 4 more: make the terminal higher');
  });
});
