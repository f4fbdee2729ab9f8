import { describe, expect, it } from 'vitest';
import { compareRates } from '../../src/move/rate-comparison.ts';

const window = (requests: number, rejected: number) => ({ requests, rejected });

describe('compareRates', () => {
  it('agrees with the binomial distribution, worked out by hand', () => {
    // Windows of equal traffic: of 10 rejections 8 or more after the step, by chance: (45 + 10 + 1) / 1024.
    expect(compareRates(window(1000, 2), window(1000, 8)).p).toBeCloseTo(56 / 1024, 4);
    expect(compareRates(window(1000, 0), window(1000, 1)).p).toBeCloseTo(1 / 2, 3);
    // A third of the traffic after the step: all of 4 there.
    expect(compareRates(window(2000, 0), window(1000, 4)).p).toBeCloseTo(1 / 81, 5);
  });

  it('calls a rise one that chance hardly explains, and nothing else', () => {
    expect(compareRates(window(10_000, 10), window(10_000, 40))).toMatchObject({ verdict: 'rose' });
    expect(compareRates(window(10_000, 10), window(10_000, 14))).toMatchObject({ verdict: 'steady' });
    expect(compareRates(window(10_000, 40), window(10_000, 10))).toMatchObject({ verdict: 'steady' });
    expect(compareRates(window(1_000_000, 50_000), window(1_000_000, 51_000))).toMatchObject({ verdict: 'rose' });
    expect(compareRates(window(1000, 0), window(1000, 0))).toEqual({ verdict: 'steady', p: 1 });
  });

  it('compares the rates, and not the counts: twice the traffic may have twice the rejections', () => {
    expect(compareRates(window(10_000, 30), window(20_000, 60))).toMatchObject({ verdict: 'steady' });
  });

  it('says that there is too little traffic below 100 requests in a window', () => {
    expect(compareRates(window(99, 0), window(10_000, 5))).toEqual({ verdict: 'too little traffic', p: null });
    expect(compareRates(window(10_000, 0), window(99, 5))).toEqual({ verdict: 'too little traffic', p: null });
  });
});
