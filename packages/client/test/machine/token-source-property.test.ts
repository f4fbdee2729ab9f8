import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ProviderFixture, startProvider } from '../fixture/provider-fixture.ts';
import { callAtOnce, tokenSourceFixture } from '../fixture/token-source-fixture.ts';

const LIFETIME_MS = 300_000;
const CALLERS = 5;

let provider: ProviderFixture;
beforeAll(async () => {
  provider = await startProvider({ accessTokenSeconds: LIFETIME_MS / 1000 });
});
afterAll(() => provider.close());

type Step =
  | { readonly type: 'call' | 'unauthorized' }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'flip'; readonly percent: number }
  | { readonly type: 'down' | 'refuse'; readonly on: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ type: 'call' } as const) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('wait'), ms: fc.integer({ min: 1, max: 200_000 }) } as const) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('flip'), percent: fc.constantFrom(0, 100) } as const) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('down', 'refuse'), on: fc.boolean() } as const) },
  { weight: 1, arbitrary: fc.constant({ type: 'unauthorized' } as const) },
);

async function run(steps: readonly Step[]): Promise<void> {
  provider.fault = undefined;
  provider.refusesTarget = false;
  let pending = 0;
  let sent = 0;
  /** When each token was requested. */
  const issuedAtMs = new Map<string, number>();
  const send: typeof fetch = async (input, init) => {
    pending += 1;
    const sentAtMs = clock.ms;
    if (init?.method === 'POST') sent += 1;
    try {
      const response = await fetch(input, init);
      const body = (await response.clone().json()) as { readonly access_token?: string };
      if (body.access_token !== undefined) issuedAtMs.set(body.access_token, sentAtMs);
      return response;
    } finally {
      pending -= 1;
    }
  };
  const { tokens, clock, issuance } = tokenSourceFixture(provider, 0, { fetch: send });
  let latest: string | undefined;
  let wasDown = false;

  /** Lets the requests end that no caller waits for. */
  async function settle(): Promise<void> {
    for (let turns = 0; turns < 5 || pending > 0; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  async function call(): Promise<void> {
    const sentBefore = sent;
    const isCovered = [...issuedAtMs.values()].some((issuedMs) => clock.ms < issuedMs + LIFETIME_MS);
    const outcomes = await callAtOnce(tokens, CALLERS);
    await settle();
    expect(sent - sentBefore, 'one request a side').toBeLessThanOrEqual(2);
    for (const outcome of outcomes) {
      if (typeof outcome !== 'string') {
        expect({ isCovered, wasDown }, 'a call fails only without a valid token').toEqual({
          isCovered: false,
          wasDown: true,
        });
        continue;
      }
      expect(clock.ms, 'no expired token is returned').toBeLessThan((issuedAtMs.get(outcome) ?? 0) + LIFETIME_MS);
      latest = outcome;
    }
  }

  for (const one of steps) {
    if (one.type === 'wait') clock.ms += one.ms;
    if (one.type === 'flip')
      Object.assign(issuance, { percent: one.percent, revision: `${Number(issuance.revision) + 1}` });
    if (one.type === 'down') provider.fault = one.on ? (response) => response.destroy() : undefined;
    wasDown ||= provider.fault !== undefined;
    if (one.type === 'refuse') provider.refusesTarget = one.on;
    if (one.type === 'unauthorized' && latest !== undefined) await tokens.token({ not: latest }).catch(() => undefined);
    if (one.type === 'call') await call();
    await settle();
  }
}

test('whatever happens, a call fails only after an outage and without a valid token, and never gets an expired one', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), run), { numRuns: 40 });
}, 60_000);
