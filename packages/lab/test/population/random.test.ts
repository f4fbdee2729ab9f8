import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/population/random.ts';

const draw = (random: { next(): number }, count: number) => Array.from({ length: count }, () => random.next());

describe('a seeded random stream', () => {
  it('repeats itself for the same seed, and differs for another', () => {
    expect(draw(createRandom(7), 5)).toEqual(draw(createRandom(7), 5));
    expect(draw(createRandom(7), 5)).not.toEqual(draw(createRandom(8), 5));
  });

  it('stays in 0 <= x < 1 and fills it evenly', () => {
    const numbers = draw(createRandom(1), 10_000);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const hits = numbers.filter((number) => Math.floor(number * 10) === tenth).length;
      expect(hits).toBeGreaterThan(900);
      expect(hits).toBeLessThan(1100);
    }
  });

  it('draws integers from both ends of the range', () => {
    const random = createRandom(3);
    const drawn = new Set(Array.from({ length: 200 }, () => random.integer(2, 4)));
    expect([...drawn].sort()).toEqual([2, 3, 4]);
  });

  it('forks streams that do not shift each other', () => {
    const parent = createRandom(9);
    const before = draw(parent.fork('ada'), 3);
    draw(parent, 50);
    expect(draw(parent.fork('ada'), 3)).toEqual(before);
    expect(draw(parent.fork('grace'), 3)).not.toEqual(before);
  });
});
