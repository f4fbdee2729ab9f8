import { describe, expect, it } from 'vitest';
import { interleave, median, timesSlower } from '../bench/interleave.ts';

/** Returns work that keeps the main thread busy in proportion to `rounds`. */
function spin(rounds: number): () => number {
  return () => {
    let sum = 0;
    for (let index = 0; index < rounds; index++) sum += Math.sqrt(index);
    return sum;
  };
}

describe('interleave', () => {
  it('runs each candidate as often as the others, beginning with the next one each round', async () => {
    const turns: string[] = [];
    const candidate = (name: string) => ({ name, run: () => turns.at(-1) !== name && turns.push(name) });
    const figures = await interleave([candidate('a'), candidate('b'), candidate('c')], { rounds: 3, sliceMs: 1 });

    // The warm-up first.
    expect(turns.join('')).toBe('abcabcbcacab');
    expect(figures.map(({ name, rounds }) => [name, rounds.length])).toEqual([
      ['a', 3],
      ['b', 3],
      ['c', 3],
    ]);
  });

  it('measures that ten times the work takes longer', async () => {
    const [once, ten] = await interleave(
      [
        { name: 'once', run: spin(2000) },
        { name: 'ten times', run: spin(20_000) },
      ],
      { rounds: 5, sliceMs: 30 },
    );
    if (once === undefined || ten === undefined) throw new Error('no figures');
    expect(timesSlower(ten, once)).toBeGreaterThan(3);
    expect(timesSlower(once, ten)).toBeLessThan(1);
  });

  it('keeps as many operations in flight as a candidate asks for, and awaits them', async () => {
    let [inFlight, most] = [0, 0];
    const run = async () => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight -= 1;
    };
    await interleave([{ name: 'waits', run, concurrency: 8 }], { rounds: 1, sliceMs: 5 });

    expect(most).toBe(8);
    expect(inFlight).toBe(0);
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
