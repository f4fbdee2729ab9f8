import { describe, expect, it } from 'vitest';
import { COLOURFUL, PLAIN } from '../../src/ledger/paint.ts';
import { drawScene, sceneLine } from '../../src/output/draw-frame.ts';
import type { Scene } from '../../src/output/frame.ts';

const scene: Scene = {
  phase: 'migrate',
  step: '50% of them',
  elapsedMs: 12_000,
  tally: { requests: 480, rejected: 0, unavailable: 0, legacy: 360, target: 120 },
  recentLegacyShare: 0.25,
  drainsInMs: undefined,
};

describe('the picture of a rehearsal', () => {
  it('shows the phase among all, the mix, the counts and the step', () => {
    expect(drawScene(scene, 61, PLAIN)).toEqual([
      '○ prepare  ○ expand  ● migrate  ○ drain  ○ contract',
      `legacy  25% ${'█'.repeat(9)}${'░'.repeat(27)}  75% target`,
      '480 requests · 0 rejected · 0 unavailable · 12s',
      '50% of them',
    ]);
  });

  it('fits the terminal, within reason', () => {
    expect(drawScene(scene, 20, PLAIN)[1]).toHaveLength(40);
    expect(drawScene(scene, 72, PLAIN)[1]).toHaveLength(71);
    expect(drawScene(scene, 400, PLAIN)[1]).toHaveLength(100);
    expect(drawScene({ ...scene, step: 'x'.repeat(200) }, 61, PLAIN)[3]).toHaveLength(60);
  });

  it('leaves out what does not fit a narrow terminal, and never wraps', () => {
    const narrow = drawScene({ ...scene, drainsInMs: 8000 }, 45, PLAIN);
    expect(narrow[0]).toBe('● migrate');
    expect(narrow[2]).toBe('480 requests · 0 rejected · 0 unavailable');
    for (const line of narrow) expect(line.length).toBeLessThan(45);
  });

  it('says that there is no traffic rather than draw a bar of nothing', () => {
    expect(drawScene({ ...scene, recentLegacyShare: undefined }, 80, PLAIN)[1]).toBe('no traffic yet');
  });

  it('tells when the gate can pass, as soon as that is known', () => {
    expect(drawScene({ ...scene, drainsInMs: 8000 }, 80, PLAIN)[2]).toContain('ETA of the gate 8s');
    expect(drawScene({ ...scene, drainsInMs: -1 }, 80, PLAIN)[2]).toContain('the gate may pass now');
  });

  it('turns red on the first rejection', () => {
    const tally = { ...scene.tally, rejected: 1 };
    expect(drawScene({ ...scene, tally }, 80, COLOURFUL)[2]).toContain('\u001B[31m1 rejected');
  });

  it('sums itself up in one line for logs', () => {
    expect(sceneLine(scene, PLAIN)).toBe('migrate · 25% legacy · 480 requests · 0 rejected · 0 unavailable · 12s');
    expect(sceneLine({ ...scene, phase: undefined, recentLegacyShare: undefined }, PLAIN)).toContain(
      'starting · no traffic',
    );
  });
});
