import { describe, expect, it } from 'vitest';
import { gatherCensus } from '../../src/fleet/census.ts';
import { censusRow } from '../fixture/census.ts';
import { startSidecar } from '../fixture/sidecar.ts';

const access = { env: {}, signal: new AbortController().signal };

describe('gatherCensus', () => {
  it('adds up what several sidecars list, the most frequent first', async () => {
    const [one, other] = [await startSidecar(), await startSidecar()];
    const early = '2026-01-01T00:00:00.000Z';
    one.census = { rows: [censusRow({ audiences: ['a', 'b'], count: 5, maxBytes: 700 })], truncated: false };
    other.census = {
      rows: [
        censusRow({ audiences: ['b', 'a'], count: 6, firstSeenAt: early, lastSeenAt: null }),
        censusRow({ count: 99, kind: 'unmarked' }),
      ],
      truncated: true,
    };
    const { rows, isTruncated, missing } = await gatherCensus([one.url, `${other.url}/`], access);
    expect(rows.map(({ audiences, count, maxBytes }) => [audiences, count, maxBytes])).toEqual([
      [['default-api'], 99, 900],
      [['a', 'b'], 11, 900],
    ]);
    expect(rows[1]?.firstSeenMs).toBe(Date.parse(early));
    expect(rows[1]?.lastSeenMs).toBe(Date.parse(censusRow().lastSeenAt ?? ''));
    expect({ isTruncated, missing }).toEqual({ isTruncated: true, missing: [] });
  });

  it('names the sidecars that give none', async () => {
    const [gone, wrong] = [await startSidecar(), await startSidecar()];
    await gone.close();
    wrong.census = { rows: [{}], truncated: false };
    const { rows, missing } = await gatherCensus([gone.url, wrong.url], access);
    expect(rows).toEqual([]);
    expect(missing).toEqual([
      { meter: gone.url, why: expect.stringContaining('cannot be reached') },
      { meter: wrong.url, why: 'did not return a census' },
    ]);
  });

  it('lets no text command the terminal', async () => {
    const sidecar = await startSidecar();
    const evil = '\u001B[2J\u202Eevil\n';
    sidecar.census = {
      rows: [censusRow({ issuer: evil, audiences: [evil], clientId: evil, kind: evil, signature: evil })],
      truncated: false,
    };
    const { rows } = await gatherCensus([sidecar.url], access);
    expect(JSON.stringify(rows)).not.toMatch(/\\u001b|\u202E|\\n/);
    expect(rows[0]?.issuer).toBe('\uFFFD[2J\uFFFDevil\uFFFD');
  });
});
