import { expect, test } from 'vitest';
import { createForeignAudiences } from '../../src/meter/foreign-audiences.ts';
import { ACCEPTED } from '../fixture/judgement.ts';

const OURS = ['default-api', 'https://api.example.com/orders'];
const tokenFor = (...aud: unknown[]) => ({ ...ACCEPTED, claims: { aud } });

test('counts audiences beside ours, most recent first', () => {
  const foreign = createForeignAudiences(OURS);
  foreign.note(tokenFor('default-api', 'https://idp.example.com/userinfo'), 1_000);
  foreign.note(tokenFor('account', ...OURS), 2_000);
  foreign.note(tokenFor('https://idp.example.com/userinfo', 'default-api', 'account', 'account'), 3_000);
  expect(foreign.snapshot()).toEqual({
    requests: 3,
    audiences: [
      { audience: 'https://idp.example.com/userinfo', count: 2, lastSeenAt: '1970-01-01T00:00:03.000Z' },
      { audience: 'account', count: 2, lastSeenAt: '1970-01-01T00:00:03.000Z' },
    ],
    truncated: false,
  });
});

test.each([
  ['one audience', { aud: 'default-api' }],
  ['one audience in a list', { aud: ['default-api'] }],
  ['both of ours', { aud: OURS }],
  ['no audience', {}],
  ['an empty list', { aud: [] }],
  ['values that are no text', { aud: ['default-api', 5] }],
])('a token with %s counts for nothing', (_case, claims) => {
  const foreign = createForeignAudiences(OURS);
  foreign.note({ ...ACCEPTED, claims }, 1_000);
  expect(foreign.snapshot()).toEqual({ requests: 0, audiences: [], truncated: false });
});

test('stays bounded, however many and long the audiences are', () => {
  const foreign = createForeignAudiences(OURS);
  for (let nth = 0; nth < 100; nth += 1) foreign.note(tokenFor('default-api', `${nth}-`.padEnd(1_000, 'x')), nth);
  const { requests, audiences, truncated } = foreign.snapshot();
  expect([requests, audiences.length, truncated]).toEqual([100, 20, true]);
  expect(audiences.map(({ audience }) => audience.length)).toEqual(audiences.map(() => 256));
  expect(audiences.at(-1)?.audience).toMatch(/^80-/);
});
