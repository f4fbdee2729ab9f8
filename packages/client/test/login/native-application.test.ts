import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { issuanceFixture } from '../fixture/issuance-fixture.ts';
import { type ProviderFixture, startProvider } from '../fixture/provider-fixture.ts';
import { failure } from '../fixture/sign-in.ts';
import { logIn } from './native-application.ts';

const REGISTERED = 'http://127.0.0.1/callback';

let provider: ProviderFixture;
beforeEach(async () => {
  // Registered without a port: the provider accepts any (RFC 8252 §7.3).
  provider = await startProvider({ isPublic: true, redirectUri: REGISTERED, client: { application_type: 'native' } });
});
afterEach(() => provider.close());

function application() {
  const issuance = issuanceFixture();
  const { issuer, clientId } = provider;
  return { issuance, options: { issuer, clientId, selector: issuance.selector } };
}

/** The system's browser: follows the provider to the application's own port. */
function browser() {
  const seen: { url: URL; page?: string; stray?: number }[] = [];
  return {
    seen,
    async open(url: URL) {
      const redirectUri = url.searchParams.get('redirect_uri') ?? '';
      const callback = await provider.browse(url, redirectUri);
      const stray = await fetch(`${redirectUri}?code=x&state=guessed`);
      const response = await fetch(callback);
      seen.push({ url, page: await response.text(), stray: stray.status });
    },
  };
}

test('logs in through the system browser, on a port that was free, without a secret', async () => {
  const { options } = application();
  const { seen, open } = browser();
  const { login, session } = await logIn(options, 'device-1', open);
  expect(session).toMatchObject({ subject: 'alice', token: { side: 'legacy' } });
  const [{ url, page, stray } = expect.unreachable()] = seen;
  expect(url.searchParams.get('redirect_uri')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
  expect(url.searchParams.get('code_challenge_method')).toBe('S256');
  expect(page).toContain('Go back to the application');
  expect(stray).toBe(404);
  expect((await login.refresh(session)).subject).toBe('alice');
});

test('follows the flag, and legacy where the provider refuses target', async () => {
  const { options, issuance } = application();
  issuance.percent = 100;
  const { open } = browser();
  expect((await logIn(options, 'device-1', open)).session.token.side).toBe('target');
  provider.refusesTarget = true;
  expect((await logIn(options, 'device-1', open)).session.token.side).toBe('legacy');
});

test('ends when the user says no, and leaves no port open', async () => {
  const { options } = application();
  provider.user = undefined;
  const { seen, open } = browser();
  expect(await failure(logIn(options, 'device-1', open))).toMatchObject({ isDeclined: true });
  const redirectUri = seen[0]?.url.searchParams.get('redirect_uri') ?? '';
  await expect(fetch(redirectUri)).rejects.toThrow();
});

test('the page shows the code that was run here', () => {
  const page = readFileSync(new URL('../../../../docs/native-applications.md', import.meta.url), 'utf8');
  const code = readFileSync(new URL('./native-application.ts', import.meta.url), 'utf8');
  expect(page).toContain(`\`\`\`ts\n${code}\`\`\``);
});
