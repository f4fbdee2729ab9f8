import { describe, expect, it } from 'vitest';
import { samplePopulation } from '../../src/population/population-sample.ts';
import { createRandom } from '../../src/population/random.ts';

describe('the population sample', () => {
  it('draws the same clients for the same seed, and others for another', () => {
    expect(samplePopulation(24, createRandom(1))).toEqual(samplePopulation(24, createRandom(1)));
    expect(samplePopulation(24, createRandom(1))).not.toEqual(samplePopulation(24, createRandom(2)));
  });

  it.each([4, 20, 24, 200])('draws %i clients of every kind, with unique names', (size) => {
    const profiles = samplePopulation(size, createRandom(5));
    expect(new Set(profiles.map(({ name }) => name)).size).toBe(size);
    expect(new Set(profiles.map(({ kind }) => kind))).toEqual(new Set(['machine', 'resident', 'visitor']));
  });
});
