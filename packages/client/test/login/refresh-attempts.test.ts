import type { Side } from '@crossfade/core';
import type { Selector } from '@crossfade/selector';
import { expect, test } from 'vitest';
import type { LoginSession } from '../../src/login/browser-login.ts';
import { planRefresh } from '../../src/login/refresh-attempts.ts';
import { issuanceFixture } from '../fixture/issuance-fixture.ts';
import { TARGET_RESOURCE, TARGET_SIDE } from '../fixture/provider-fixture.ts';

function sessionOn(side: Side, loginSide: Side = 'legacy'): LoginSession {
  return {
    issuer: 'https://idp.example.com',
    selection: { side: loginSide, reason: 'split', revision: '0', key: 'alice' },
    token: { accessToken: 't', requestedAt: 0, expiresAt: 0, scope: '', asked: { side }, side, revision: '0' },
    refreshToken: 'r',
  };
}

const SETTING = { clientId: 'web-app', canMove: true, isLegacyClosed: false };
const attemptsOf = (session: LoginSession, selector: Selector) => planRefresh(session, selector, SETTING).attempts;

function attemptsAt(percent: number, refresh: 'keep' | 'retarget' | 'reauthenticate', session = sessionOn('legacy')) {
  const issuance = issuanceFixture({ refresh });
  issuance.percent = percent;
  return attemptsOf(session, issuance.selector);
}

const own = { asked: { side: 'legacy' }, parameters: {} };
const target = { asked: { side: 'target' }, parameters: TARGET_SIDE };

test('a session on the side of its login asks for the scope that the login was granted', () => {
  expect(attemptsAt(100, 'keep')).toEqual([own]);
  expect(attemptsAt(0, 'keep', sessionOn('target', 'target'))).toEqual([
    { asked: { side: 'target' }, parameters: { resource: TARGET_RESOURCE } },
  ]);
});

test('a session that moves asks for the other side, and if refused for its own', () => {
  expect(attemptsAt(100, 'retarget')).toEqual([target, own]);
});

test('a session that has moved asks for its new side, and if refused for the side of its login', () => {
  expect(attemptsAt(100, 'retarget', sessionOn('target'))).toEqual([target, own]);
});

test('a session that moves back asks for the scope that its login was granted', () => {
  expect(attemptsAt(0, 'retarget', sessionOn('target'))[0]).toEqual(own);
});

test('a session that only a login can move stays on its side', () => {
  expect(attemptsAt(100, 'reauthenticate')).toEqual([own]);
});

test('a move that was not granted is not asked for again at the same revision', () => {
  const issuance = issuanceFixture({ refresh: 'retarget' });
  issuance.percent = 100;
  expect(attemptsOf({ ...sessionOn('legacy'), moveRefusedAt: '1' }, issuance.selector)).toEqual([own]);
  expect(attemptsOf({ ...sessionOn('legacy'), moveRefusedAt: '0' }, issuance.selector)).toEqual([target, own]);
});

test('at Entra every refresh sends its scope, and with it its API', () => {
  const issuance = issuanceFixture({
    dialect: 'entra',
    refresh: 'retarget',
    legacy: { scope: 'openid offline_access', resource: 'api://legacy' },
    target: { scope: 'openid offline_access read', resource: 'api://orders' },
  });
  const legacy = { asked: { side: 'legacy' }, parameters: { scope: 'openid offline_access api://legacy/.default' } };
  const target = { asked: { side: 'target' }, parameters: { scope: 'openid offline_access api://orders/read' } };
  expect(attemptsOf(sessionOn('legacy'), issuance.selector)).toEqual([legacy]);
  issuance.percent = 100;
  expect(attemptsOf(sessionOn('legacy'), issuance.selector)).toEqual([target, legacy]);
});

test('at Auth0 a refresh sends its audience', () => {
  const issuance = issuanceFixture({
    dialect: 'auth0',
    refresh: 'retarget',
    legacy: { scope: 'openid', audience: 'default-api' },
    target: { scope: 'openid orders:read', audience: 'https://api.example.com/orders' },
  });
  issuance.percent = 100;
  expect(attemptsOf(sessionOn('legacy'), issuance.selector)).toEqual([
    {
      asked: { side: 'target' },
      parameters: { scope: 'openid orders:read', audience: 'https://api.example.com/orders' },
    },
    { asked: { side: 'legacy' }, parameters: { audience: 'default-api' } },
  ]);
});
