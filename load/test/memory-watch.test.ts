import { describe, expect, it } from 'vitest';
import { growthOf } from '../k6/lab/memory-watch.ts';

const line = (from: number, to: number, samples = 40): number[] =>
  Array.from({ length: samples }, (_, index) => from + ((to - from) * index) / (samples - 1));

describe('growthOf', () => {
  it('takes a process for bounded that grows while it warms up and stays', () => {
    const values = [...line(60, 150, 10), ...line(150, 152, 30)];
    expect(growthOf('sidecar_1', values)).toMatchObject({ samples: 40, isBounded: true, maxMb: 152 });
  });

  it('takes a process for unbounded that grows by a megabyte at each sample', () => {
    expect(growthOf('sidecar_1', line(100, 140)).isBounded).toBe(false);
    expect(growthOf('sidecar_1', line(100, 300)).isBounded).toBe(false);
  });

  it('is not misled by one sample that is high', () => {
    expect(growthOf('api_1', line(100, 101).with(-1, 500))).toMatchObject({ isBounded: true, maxMb: 500 });
  });

  it('takes a process with too few samples for unbounded', () => {
    expect(growthOf('api_1', [100, 100, 100]).isBounded).toBe(false);
  });
});
