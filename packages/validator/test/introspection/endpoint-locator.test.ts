import { describe, expect, test } from 'vitest';
import { discoveredEndpoint, staticEndpoint } from '../../src/introspection/endpoint-locator.ts';

const here = new URL('https://idp.example.com/here');
const there = new URL('https://idp.example.com/there');

function sought() {
  const searches: { resolve: (url: URL) => void; reject: (error: Error) => void }[] = [];
  let nowMs = 0;
  const find = () => new Promise<URL>((resolve, reject) => searches.push({ resolve, reject }));
  const place = discoveredEndpoint({ find, now: () => nowMs });
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return { place, searches, pass };
}

describe('a place that is sought', () => {
  test('is searched for once, by all who ask', async () => {
    const { place, searches } = sought();
    const asked = [place.current(), place.current()];
    searches[0]?.resolve(here);

    expect(await Promise.all(asked)).toEqual([here, here]);
    expect(place.current()).toBe(here);
    expect(searches).toHaveLength(1);
  });

  test('is searched for again when nobody answers there, and nobody waits for that', async () => {
    const { place, searches } = sought();
    const first = place.current();
    searches[0]?.resolve(here);
    await first;

    place.left(here);
    expect(place.current()).toBe(here);
    searches[1]?.reject(new Error('no metadata'));
    await new Promise(setImmediate);
    expect(place.current()).toBe(here);
    searches[2]?.resolve(there);
    await new Promise(setImmediate);
    expect(place.current()).toBe(there);

    place.left(here);
    expect(place.current()).toBe(there);
    expect(searches).toHaveLength(3);
  });

  test('is not searched for without end', async () => {
    const { place, searches, pass } = sought();
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const asked = place.current();
      searches.at(-1)?.reject(new Error('no metadata'));
      await expect(asked).rejects.toThrow();
    }
    expect(searches).toHaveLength(5);

    pass(4000);
    const asked = place.current();
    searches[5]?.resolve(here);
    expect(await asked).toBe(here);
  });
});

test('a place that is given is never searched for', () => {
  const place = staticEndpoint(here);
  place.left(here);

  expect(place.current()).toBe(here);
});
