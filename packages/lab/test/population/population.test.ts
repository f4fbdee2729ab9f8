import { describe, expect, it } from 'vitest';
import { createLedger } from '../../src/ledger/ledger.ts';
import { createRandom } from '../../src/ledger/random.ts';
import { waitFor } from '../../src/ledger/wait-for.ts';
import type { Client } from '../../src/population/client.ts';
import { startPopulation } from '../../src/population/population.ts';

describe('a population', () => {
  it('makes requests until it is stopped, lets them finish, and then closes everyone', async () => {
    const ledger = createLedger();
    const closed: number[] = [];
    let underWay = 0;
    const client = (index: number): Client => ({
      async request() {
        underWay += 1;
        await new Promise((resolve) => setImmediate(resolve));
        underWay -= 1;
        return { outcome: 'accepted', side: 'legacy' };
      },
      async close() {
        closed.push(index);
      },
    });
    const clients = [client(0), client(1), client(2)];
    const population = startPopulation({ clients, ledger, random: createRandom(1), requestsPerSecond: 300 });
    await waitFor('thirty requests', 10_000, () => ledger.tally().requests >= 30);
    await population.stop();
    const { requests } = ledger.tally();
    expect({ underWay, closed: closed.sort() }).toEqual({ underWay: 0, closed: [0, 1, 2] });
    await new Promise((resolve) => setImmediate(resolve));
    expect(ledger.tally().requests).toBe(requests);
  });
});
