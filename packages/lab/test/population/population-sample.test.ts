import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/ledger/random.ts';
import { drawPopulation } from '../../src/population/population-sample.ts';

describe('the census', () => {
  it('draws the same people for the same seed, and others for another', () => {
    expect(drawPopulation(24, createRandom(1))).toEqual(drawPopulation(24, createRandom(1)));
    expect(drawPopulation(24, createRandom(1))).not.toEqual(drawPopulation(24, createRandom(2)));
  });

  it.each([4, 20, 24, 200])('draws %i people of every kind, with names of their own', (size) => {
    const people = drawPopulation(size, createRandom(5));
    expect(new Set(people.map(({ name }) => name)).size).toBe(size);
    expect(new Set(people.map(({ kind }) => kind))).toEqual(new Set(['machine', 'resident', 'visitor']));
  });
});
