import { describe, expect, it } from 'vitest';
import { interleave, median } from '../bench/interleave.ts';

describe('interleave', () => {
  it('runs the candidates in turn, and leaves the warm-up out', async () => {
    const calls: string[] = [];
    const candidate = (name: string) => ({ name, run: () => calls.push(name) });
    const figures = await interleave([candidate('a'), candidate('b')], { rounds: 2, operations: 3 });
    expect(calls.join('')).toBe('aaabbb'.repeat(3));
    expect(figures.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(figures[0]?.ratio).toBe(1);
    expect(figures.every(({ wallUs }) => wallUs > 0)).toBe(true);
  });

  it('finds that ten times the work takes longer', async () => {
    const spin = (rounds: number) => () => {
      let sum = 0;
      for (let index = 0; index < rounds; index++) sum += Math.sqrt(index);
      return sum;
    };
    const [, slow] = await interleave(
      [
        { name: 'once', run: spin(2000) },
        { name: 'ten times', run: spin(20_000) },
      ],
      { rounds: 5, operations: 50 },
    );
    expect(slow?.ratio).toBeGreaterThan(2);
  });
});

describe('median', () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});
