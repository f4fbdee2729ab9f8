import { describe, expect, test } from 'vitest';
import { discoveredEndpoint, staticEndpoint } from '../../src/introspection/endpoint-locator.ts';

const here = new URL('https://idp.example.com/here');
const there = new URL('https://idp.example.com/there');

function discovered() {
  const searches: { resolve: (url: URL) => void; reject: (error: Error) => void }[] = [];
  let nowMs = 0;
  const find = () => new Promise<URL>((resolve, reject) => searches.push({ resolve, reject }));
  const locator = discoveredEndpoint({ find, now: () => nowMs });
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return { locator, searches, pass };
}

describe('a discovered endpoint', () => {
  test('is searched for once by concurrent callers', async () => {
    const { locator, searches } = discovered();
    const located = [locator.current(), locator.current()];
    searches[0]?.resolve(here);

    expect(await Promise.all(located)).toEqual([here, here]);
    expect(locator.current()).toBe(here);
    expect(searches).toHaveLength(1);
  });

  test('is searched for in the background after it is reported gone', async () => {
    const { locator, searches } = discovered();
    const first = locator.current();
    searches[0]?.resolve(here);
    await first;

    locator.reportGone(here);
    expect(locator.current()).toBe(here);
    searches[1]?.reject(new Error('no metadata'));
    await new Promise(setImmediate);
    expect(locator.current()).toBe(here);
    searches[2]?.resolve(there);
    await new Promise(setImmediate);
    expect(locator.current()).toBe(there);

    locator.reportGone(here);
    expect(locator.current()).toBe(there);
    expect(searches).toHaveLength(3);
  });

  test('is searched for with a rate limit', async () => {
    const { locator, searches, pass } = discovered();
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const located = locator.current();
      searches.at(-1)?.reject(new Error('no metadata'));
      await expect(located).rejects.toThrow();
    }
    expect(searches).toHaveLength(5);

    pass(4000);
    const located = locator.current();
    searches[5]?.resolve(here);
    expect(await located).toBe(here);
  });
});

test('a static endpoint never changes', () => {
  const locator = staticEndpoint(here);
  locator.reportGone(here);

  expect(locator.current()).toBe(here);
});
