import { describe, expect, it } from 'vitest';
import { createSidecarFleet } from '../../src/fleet/sidecar-fleet.ts';
import { startSidecar } from '../fixture/sidecar.ts';
import { NOW_MS } from '../fixture/workplace.ts';

function read(...urls: string[]) {
  return createSidecarFleet(urls, 'orders-2026', { env: {}, signal: new AbortController().signal }).read(NOW_MS);
}

const byName = (url: string) => url.replace('127.0.0.1', 'localhost');

describe('the sidecars that a plan lists', () => {
  it('are all expected and read, each by its URL', async () => {
    const [one, other] = [await startSidecar(), await startSidecar()];
    const { expected, readings, missing } = await read(one.url, other.url);
    expect({ expected, missing }).toEqual({ expected: 2, missing: [] });
    expect(readings.map(({ evidence }) => evidence.meter)).toEqual([one.url, other.url]);
  });

  it('are expected once for each URL, whatever its spelling', async () => {
    const { url } = await startSidecar();
    const { expected, readings, missing } = await read(url, `${url}/`, url.replace('http:', 'HTTP:'));
    expect({ expected, read: readings.length, missing }).toEqual({ expected: 1, read: 1, missing: [] });
  });

  it('count once where two URLs reach the same one: the second is missing', async () => {
    const { url } = await startSidecar();
    const { expected, readings, missing } = await read(url, byName(url), `${url}/`);
    expect(expected).toBe(2);
    expect(readings.map(({ evidence }) => evidence.meter)).toEqual([url]);
    expect(missing).toEqual([{ meter: byName(url), why: `is the same sidecar as ${url}: list each sidecar once` }]);
  });

  it('are taken at their word where older ones report no process', async () => {
    const { url, status } = await startSidecar();
    delete status.process;
    expect(await read(url, byName(url))).toMatchObject({ expected: 2, readings: [{}, {}], missing: [] });
  });
});
