import { openFlagSource, openFlagWriter } from '@crossfade/flags';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FlagStore, startFlagStore } from '../../src/environment/flag-store.ts';
import { FLAG_LOCATION, REGION } from '../../src/environment/rehearsal-plan.ts';
import { waitFor } from '../../src/environment/wait-for.ts';

let store: FlagStore;
const plan = () => ({
  source: 'appconfig' as const,
  ...FLAG_LOCATION,
  pollIntervalMs: 15_000,
  region: REGION,
  endpoint: store.endpoint,
});

beforeAll(async () => {
  store = await startFlagStore({ pollIntervalSeconds: 1 });
});
afterAll(() => store.close());

describe('the flag store of the rehearsal', () => {
  it('starts with both audiences accepted and no login asking for the target', async () => {
    const source = await openFlagSource(plan());
    expect(source.snapshot()).toMatchObject({
      stale: false,
      document: { acceptance: 'both', issuance: { percent: 0 } },
    });
    await source.close();
  });

  it('accepts writes through the control plane, and readers follow at its poll interval', async () => {
    const source = await openFlagSource(plan());
    const writer = await openFlagWriter(plan());
    await writer.write({ issuance: { percent: 50 } }, await writer.read(), 'planned');
    await waitFor('the reader to follow', 5000, () => source.snapshot().document.issuance.percent === 50);
    await source.close();
  });

  it('switches a feature and leaves the issuance where it is', async () => {
    const source = await openFlagSource(plan());
    await store.setFeature('new-dashboard-beta', 'on');
    const features = () => source.snapshot().document.features;
    await waitFor('the reader to follow', 5000, () => features().get('new-dashboard-beta') === true);
    expect(features().get('new-dashboard-public')).toBe(false);
    expect(source.snapshot().document.issuance.percent).toBe(50);
    await source.close();
  });

  it('fails and recovers, while readers keep the last good flags', async () => {
    const source = await openFlagSource(plan());
    store.fail();
    await waitFor('the outage to be noticed', 5000, () => source.snapshot().problem !== undefined);
    expect(source.snapshot().document.issuance.percent).toBe(50);
    store.recover();
    await waitFor('the outage to be over', 10_000, () => source.snapshot().problem === undefined);
    await source.close();
  });
});
