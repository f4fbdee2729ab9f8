import { DEFAULT_FLAG_DOCUMENT, type FlagSnapshot } from '@crossfade/core';
import { ProviderEvents } from '@openfeature/server-sdk';
import { expect, it } from 'vitest';
import { providerState } from '../../src/openfeature/provider-events.ts';

const READ = { ...DEFAULT_FLAG_DOCUMENT };
const snapshot = (of: Partial<FlagSnapshot>): FlagSnapshot => ({
  document: READ,
  revision: null,
  ageSeconds: 0,
  stale: false,
  ...of,
});

it.each([
  ['ready with a fresh document', snapshot({}), ProviderEvents.Ready],
  ['ready with a refused document after a good one', snapshot({ problem: 'refused' }), ProviderEvents.Ready],
  ['stale with an old document', snapshot({ stale: true, ageSeconds: 60 }), ProviderEvents.Stale],
  ['stale with one from disk', snapshot({ stale: true, ageSeconds: null }), ProviderEvents.Stale],
  ['in error without any', snapshot({ document: DEFAULT_FLAG_DOCUMENT, stale: true }), ProviderEvents.Error],
])('is %s', (_name, of, state) => {
  expect(providerState(of)).toBe(state);
});
