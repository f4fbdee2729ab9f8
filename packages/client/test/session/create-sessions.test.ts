import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBrowserLogin } from '../../src/login/create-browser-login.ts';
import { createSessions } from '../../src/session/create-sessions.ts';
import { createMemorySessionStore } from '../../src/session/memory-session-store.ts';
import { issuanceFixture } from '../fixture/issuance-fixture.ts';
import { type ProviderFixture, startProvider } from '../fixture/provider-fixture.ts';

let provider: ProviderFixture;
beforeEach(async () => {
  provider = await startProvider();
});
afterEach(() => provider.close());

test('20 parallel requests at refresh time make one refresh, and all get its token', async () => {
  let nowMs = Date.now();
  const now = () => nowMs;
  const login = createBrowserLogin({ ...provider, selector: issuanceFixture().selector, now });
  const sessions = createSessions({
    login,
    store: createMemorySessionStore({ now }),
    idleMs: 3_600_000,
    absoluteMs: 86_400_000,
    now,
  });
  const { url, pending } = await login.start({ key: 'alice' });
  const first = await login.finish(await provider.browse(url), pending);
  const cookie = await sessions.create(first);
  nowMs += 301_000;
  const all = await Promise.all(Array.from({ length: 20 }, () => sessions.fresh(cookie)));
  expect(new Set(all.map((session) => session?.token.accessToken)).size).toBe(1);
  expect(all[0]?.token.accessToken).not.toBe(first.token.accessToken);
  expect(provider.requests.filter((grant) => grant === 'refresh_token')).toHaveLength(1);
});
