import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { missing } from '../fixture/real-part.ts';
import { type OperatedFleet, startOperatedFleet } from './fixture/operated-fleet.ts';

/** How many rollbacks are timed, of an advance and after a close; `npm run test:long` has 50 and 3. */
const RUNS = Number(process.env['CROSSFADE_ROLLBACKS'] ?? 2);
const CLOSES = Number(process.env['CROSSFADE_CLOSES'] ?? 1);
const POLLING = { timeout: 60_000, interval: 500 };

/** Prints seconds as they were measured: median and maximum of all runs. */
function printTimes(name: string, tookMs: readonly number[]): void {
  const sorted = [...tookMs].sort((one, other) => one - other);
  const at = (share: number) => ((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) / 1000).toFixed(1);
  process.stdout.write(`${name}: ${tookMs.length} runs, median ${at(0.5)} s, maximum ${at(1)} s\n`);
}

describe.skipIf(missing('prometheus')).each(['prometheus', 'sidecars'] as const)('a rollback with %s', (gate) => {
  let fleet: OperatedFleet;
  beforeAll(async () => {
    fleet = await startOperatedFleet({ instances: 4, gate });
  }, 120_000);
  afterAll(() => fleet?.remove());

  async function advance(percent: number): Promise<void> {
    await vi.waitFor(async () => {
      const { code, stdout } = await fleet.crossfade('advance', '--to', String(percent), '--yes');
      expect(code, stdout).toBe(0);
    }, POLLING);
  }

  it(`of an advance converges, ${RUNS} of ${RUNS}`, { timeout: RUNS * 60_000 }, async () => {
    const traffic = fleet.startTraffic(['legacy', 'target']);
    const times: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      await advance(5);
      const { code, tookMs, stdout, stderr } = await fleet.crossfade('rollback');
      expect(code, `${stdout}${stderr}`).toBe(0);
      times.push(tookMs);
    }
    const responses = await traffic.stop();
    expect(Object.keys(responses).filter((response) => !response.endsWith(' 200'))).toEqual([]);
    printTimes(`rollback of an advance (${gate})`, times);
  });

  it(`after a close opens legacy and converges, ${CLOSES} of ${CLOSES}`, { timeout: CLOSES * 180_000 }, async () => {
    const times: number[] = [];
    for (let run = 0; run < CLOSES; run += 1) {
      const target = fleet.startTraffic(['target']);
      await advance(100);
      await vi.waitFor(
        async () => expect((await fleet.crossfade('close', '--yes', '--legacy', 'default-api')).code).toBe(0),
        { timeout: 120_000, interval: 1000 },
      );
      // A client that was forgotten comes back, and goes on trying.
      const forgotten = fleet.startTraffic(['legacy']);
      const { code, tookMs, stdout, stderr } = await fleet.crossfade('rollback');
      expect(code, `${stdout}${stderr}`).toBe(0);
      times.push(tookMs);
      for (const { request } of fleet.instances) expect(await request('legacy')).toBe(200);
      await Promise.all([target.stop(), forgotten.stop()]);
      expect(Math.max(...times)).toBeLessThan(20_000);
    }
    printTimes(`rollback after a close (${gate})`, times);
  });
});
