import { describe, expect, it } from 'vitest';
import { waitFor } from '../../src/environment/wait-for.ts';
import { createLedger } from '../../src/ledger/ledger.ts';
import { createRandom } from '../../src/population/random.ts';
import { type Client, startTraffic } from '../../src/population/traffic.ts';

describe('the traffic', () => {
  it('flows until it is stopped, lets requests finish, and then closes every client', async () => {
    const ledger = createLedger();
    const closed: number[] = [];
    let inFlight = 0;
    const client = (index: number): Client => ({
      async request() {
        inFlight += 1;
        await new Promise((resolve) => setImmediate(resolve));
        inFlight -= 1;
        return { outcome: 'accepted', side: 'legacy' };
      },
      async close() {
        closed.push(index);
      },
    });
    const clients = [client(0), client(1), client(2)];
    const traffic = startTraffic({ clients, ledger, random: createRandom(1), requestsPerSecond: 300 });
    await waitFor('thirty requests', 10_000, () => ledger.counts().requests >= 30);
    await traffic.stop();
    const { requests } = ledger.counts();
    expect({ inFlight, closed: closed.sort() }).toEqual({ inFlight: 0, closed: [0, 1, 2] });
    await new Promise((resolve) => setImmediate(resolve));
    expect(ledger.counts().requests).toBe(requests);
  });
});
