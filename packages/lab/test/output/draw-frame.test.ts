import { describe, expect, it } from 'vitest';
import { drawFrame, frameLine } from '../../src/output/draw-frame.ts';
import type { Frame } from '../../src/output/frame.ts';
import { COLOURFUL, PLAIN } from '../../src/output/paint.ts';

const frame: Frame = {
  phase: 'migrate',
  step: '50% of them',
  elapsedMs: 12_000,
  counts: { requests: 480, rejected: 0, unavailable: 0, legacy: 360, target: 120 },
  recentLegacyShare: 0.25,
  drainsInMs: undefined,
};

describe('the frame', () => {
  it('shows all phases with the current one marked, the shares, the counts and the step', () => {
    expect(drawFrame(frame, 61, PLAIN)).toEqual([
      '○ prepare  ○ expand  ● migrate  ○ drain  ○ contract',
      `legacy  25% ${'█'.repeat(9)}${'░'.repeat(27)}  75% target`,
      '480 requests · 0 rejected · 0 unavailable · 12s',
      '50% of them',
    ]);
  });

  it('fits the terminal, between 40 and 100 columns', () => {
    expect(drawFrame(frame, 20, PLAIN)[1]).toHaveLength(40);
    expect(drawFrame(frame, 72, PLAIN)[1]).toHaveLength(71);
    expect(drawFrame(frame, 400, PLAIN)[1]).toHaveLength(100);
    expect(drawFrame({ ...frame, step: 'x'.repeat(200) }, 61, PLAIN)[3]).toHaveLength(60);
  });

  it('leaves out what does not fit a narrow terminal instead of wrapping', () => {
    const narrow = drawFrame({ ...frame, drainsInMs: 8000 }, 45, PLAIN);
    expect(narrow[0]).toBe('● migrate');
    expect(narrow[2]).toBe('480 requests · 0 rejected · 0 unavailable');
    for (const line of narrow) expect(line.length).toBeLessThan(45);
  });

  it('shows "no traffic yet" instead of an empty bar', () => {
    expect(drawFrame({ ...frame, recentLegacyShare: undefined }, 80, PLAIN)[1]).toBe('no traffic yet');
  });

  it('shows when the gate can pass, once that is known', () => {
    expect(drawFrame({ ...frame, drainsInMs: 8000 }, 80, PLAIN)[2]).toContain('gate may pass in 8s');
    expect(drawFrame({ ...frame, drainsInMs: -1 }, 80, PLAIN)[2]).toContain('the gate may pass now');
  });

  it('turns red on the first rejection', () => {
    const counts = { ...frame.counts, rejected: 1 };
    expect(drawFrame({ ...frame, counts }, 80, COLOURFUL)[2]).toContain('\u001B[31m1 rejected');
  });

  it('fits on one line for logs', () => {
    expect(frameLine(frame, PLAIN)).toBe('migrate · 25% legacy · 480 requests · 0 rejected · 0 unavailable · 12s');
    expect(frameLine({ ...frame, phase: undefined, recentLegacyShare: undefined }, PLAIN)).toContain(
      'starting · no traffic',
    );
  });
});
