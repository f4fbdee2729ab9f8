import { expect, test } from 'vitest';
import type { LoginSession } from '../src/browser-login.ts';
import { LoginRequiredError } from '../src/errors.ts';
import { refreshAttempts } from '../src/refresh-attempts.ts';
import { issuanceFixture } from './issuance-fixture.ts';
import { TARGET_RESOURCE, TARGET_SIDE } from './provider-fixture.ts';

const session: LoginSession = {
  side: 'legacy',
  loginSide: 'legacy',
  key: 'alice',
  accessToken: 't',
  refreshToken: 'r',
  expiresAt: 0,
  scope: '',
};

function attemptsAt(percent: number, refresh: 'keep' | 'retarget' | 'reauthenticate', of: LoginSession = session) {
  const issuance = issuanceFixture({ refresh });
  issuance.percent = percent;
  return refreshAttempts(of, 'web-app', issuance.selector);
}

test('a session on the side of its login asks for the scope that the login was granted', () => {
  expect(attemptsAt(100, 'keep')).toEqual([{ side: 'legacy', parameters: {} }]);
  expect(attemptsAt(0, 'keep', { ...session, side: 'target', loginSide: 'target' })).toEqual([
    { side: 'target', parameters: { resource: TARGET_RESOURCE } },
  ]);
});

test('a session that moves asks for the other side, and if refused for its own', () => {
  expect(attemptsAt(100, 'retarget')).toEqual([
    { side: 'target', parameters: TARGET_SIDE },
    { side: 'legacy', parameters: {} },
  ]);
});

test('a session that has moved asks for its new side, and if refused for the side of its login', () => {
  expect(attemptsAt(100, 'retarget', { ...session, side: 'target' })).toEqual([
    { side: 'target', parameters: TARGET_SIDE },
    { side: 'legacy', parameters: {} },
  ]);
});

test('a session that moves back asks for the scope that its login was granted', () => {
  expect(attemptsAt(0, 'retarget', { ...session, side: 'target' })[0]).toEqual({ side: 'legacy', parameters: {} });
});

test('a login is required only if it would change the side', () => {
  expect(attemptsAt(0, 'reauthenticate')).toHaveLength(1);
  expect(() => attemptsAt(100, 'reauthenticate')).toThrow(LoginRequiredError);
});

test('at Entra every refresh sends its scope, and with it its API', () => {
  const issuance = issuanceFixture({
    dialect: 'entra',
    refresh: 'retarget',
    legacy: { scope: 'openid offline_access', resource: 'api://legacy' },
    target: { scope: 'openid offline_access read', resource: 'api://orders' },
  });
  const legacy = { side: 'legacy', parameters: { scope: 'openid offline_access api://legacy/.default' } };
  const target = { side: 'target', parameters: { scope: 'openid offline_access api://orders/read' } };
  expect(refreshAttempts(session, 'web-app', issuance.selector)).toEqual([legacy]);
  issuance.percent = 100;
  expect(refreshAttempts(session, 'web-app', issuance.selector)).toEqual([target, legacy]);
});

test('at Auth0 a refresh sends its audience', () => {
  const issuance = issuanceFixture({
    dialect: 'auth0',
    refresh: 'retarget',
    legacy: { scope: 'openid', audience: 'default-api' },
    target: { scope: 'openid orders:read', audience: 'https://api.example.com/orders' },
  });
  issuance.percent = 100;
  expect(refreshAttempts(session, 'web-app', issuance.selector)).toEqual([
    { side: 'target', parameters: { scope: 'openid orders:read', audience: 'https://api.example.com/orders' } },
    { side: 'legacy', parameters: { audience: 'default-api' } },
  ]);
});
