import type { Side } from '@crossfade/core';
import { combineSelectors, type RefreshCapability, type Selector } from '@crossfade/selector';
import { expect, test } from 'vitest';
import { isForward, planSilentMove } from '../../src/bff/plan-silent-move.ts';
import type { LoginSession } from '../../src/login/browser-login.ts';
import { type IssuanceFixture, issuanceFixture } from '../fixture/issuance-fixture.ts';

const ISSUER = 'https://idp.example.com';

function sessionOn(side: Side, change: Partial<LoginSession> = {}): LoginSession {
  return {
    issuer: ISSUER,
    selection: { side, reason: 'full', revision: '1', key: 'alice' },
    token: { accessToken: 't', requestedAt: 0, expiresAt: 1, scope: '', asked: { side }, side, revision: '1' },
    refreshToken: 'r',
    subject: 'alice',
    ...change,
  };
}

function plan(session: LoginSession, selector: Selector, targetIssuer = ISSUER) {
  return planSilentMove(session, { selector, targetIssuer, clientId: 'web-app' });
}

function issuanceAt(percent: number, refresh: RefreshCapability = 'reauthenticate', salt?: string): IssuanceFixture {
  const issuance = issuanceFixture({ refresh, ...(salt !== undefined && { salt }) });
  return Object.assign(issuance, { percent, revision: '2' });
}

test('a session on legacy moves where the selector sends the user through a login', () => {
  expect(plan(sessionOn('legacy'), issuanceAt(100).selector)).toEqual({ from: { side: 'legacy' }, revision: '2' });
});

test.each<[string, LoginSession, number]>([
  ['is on target already', sessionOn('target'), 100],
  ['was rolled back', sessionOn('target'), 0],
  ['is selected for legacy', sessionOn('legacy'), 0],
  [
    'is forced to legacy',
    sessionOn('legacy', { selection: { side: 'legacy', reason: 'forced', revision: null, forced: 'legacy' } }),
    100,
  ],
  [
    'has no key in a split',
    sessionOn('legacy', { selection: { side: 'legacy', reason: 'no_key', revision: '1' } }),
    50,
  ],
])('a session that %s does not move', (_, session, percent) => {
  expect(plan(session, issuanceAt(percent).selector)).toBeUndefined();
});

test('a position that is stale or unknown moves no session', () => {
  const stale = Object.assign(issuanceAt(100), { stale: true });
  const broken = Object.assign(issuanceAt(100), { broken: true });
  expect([plan(sessionOn('legacy'), stale.selector), plan(sessionOn('legacy'), broken.selector)]).toEqual([
    undefined,
    undefined,
  ]);
});

test('where a refresh moves sessions, only one that it could not move goes through a login', () => {
  const { selector } = issuanceAt(100, 'retarget');
  const move = { from: { side: 'legacy' }, revision: '2' };
  const { refreshToken: _, ...withoutRefresh } = sessionOn('legacy');
  expect(plan(sessionOn('legacy'), selector)).toBeUndefined();
  expect(plan(sessionOn('legacy', { moveRefusedAt: '1' }), selector)).toBeUndefined();
  expect(plan(sessionOn('legacy', { moveRefusedAt: '2' }), selector)).toEqual(move);
  expect(plan(withoutRefresh, selector)).toEqual(move);
});

test('where the selector keeps sessions, one moves only if the migration changes the issuer', () => {
  const { selector } = issuanceAt(100, 'keep');
  expect(plan(sessionOn('legacy'), selector)).toBeUndefined();
  expect(plan(sessionOn('legacy'), selector, 'https://other.example.com')).toBeDefined();
});

test('a token that proves legacy is moved, whatever its request asked for', () => {
  const session = sessionOn('target');
  const { selector } = issuanceAt(100);
  expect(plan({ ...session, token: { ...session.token, side: 'legacy' } }, selector)).toBeDefined();
  expect(plan({ ...session, token: { ...session.token, side: 'unknown' } }, selector)).toBeUndefined();
});

test('of several migrations one may move while the others stay, but none back', () => {
  const orders = issuanceAt(100, 'reauthenticate', 'orders');
  const billing = issuanceAt(0, 'reauthenticate', 'billing');
  const selector = combineSelectors([orders.selector, billing.selector]);
  const sides = { orders: 'legacy', billing: 'legacy' } as const;
  const session = sessionOn('legacy');
  const token = { ...session.token, asked: { side: 'legacy', sides }, sides } as const;
  expect(plan({ ...session, token }, selector)).toMatchObject({ from: { sides }, revision: '2+2' });
  const rolledBack = { orders: 'legacy', billing: 'target' } as const;
  const mixed = { ...token, asked: { side: 'legacy', sides: rolledBack }, sides: rolledBack } as const;
  expect(plan({ ...session, token: mixed }, selector)).toBeUndefined();
});

test('a migration that joined after the login counts as legacy', () => {
  const from = { side: 'target', sides: { orders: 'target' } } as const;
  expect(isForward(from, { side: 'target', sides: { orders: 'target', billing: 'target' } })).toBe(true);
  expect(isForward(from, { side: 'legacy', sides: { orders: 'target', billing: 'legacy' } })).toBe(false);
});
