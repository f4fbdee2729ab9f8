import { expect, test } from 'vitest';
import { CALLBACK } from '../fixture/bff-fixture.ts';
import { ARRANGEMENTS } from './arrangements.ts';
import { startBffClient } from './bff-client.ts';
import { type Journey, type Observation, travel } from './journey.ts';
import { startLoginClient } from './login-client.ts';
import { type Row, tablesOf } from './table.ts';

/** Where a session ends for another reason than the migration: the provider ends it at every refresh, or at a refused move. */
const ENDS: readonly string[] = ['ends sessions: `invalid_grant`', 'refuses the move, and spends the refresh token'];
/** Where every token needs a login, migration or not. */
const NEEDS_LOGINS: readonly string[] = [...ENDS, 'gives no refresh token', 'wants the user: `interaction_required`'];

const rows: Row[] = [];
for (const [name, arrangement] of Object.entries(ARRANGEMENTS)) {
  const journey = travel(arrangement, CALLBACK, startLoginClient);
  // All journeys begin at once, and the first test waits for most of them.
  test(`a session survives a flip and a rollback at a provider that ${name}`, { timeout: 120_000 }, async () => {
    const seen = await journey;
    rows.push({ name, refresh: arrangement.refresh, journey: seen });
    const { login, newLogin, nextLogin, flip, next, rollback, newRollback } = seen;
    expect([login, newLogin, nextLogin].filter(({ token }) => token === undefined)).toEqual([]);
    if (NEEDS_LOGINS.includes(name)) return;
    const refreshes = [flip, next, rollback, newRollback];
    expect(refreshes.filter(({ token }) => token === undefined)).toEqual([]);
    expect(Math.max(...refreshes.map(({ requests }) => requests))).toBeLessThanOrEqual(2);
    // A refused move is asked for once: the next refresh of the same revision is one request.
    expect(next.requests).toBe(1);
  });
}

test('no token shows a side that it is not of', () => {
  const wrong = observations().filter(
    ({ token }) => token && token.shown !== 'unknown' && token.shown !== token.really,
  );
  expect(wrong).toEqual([]);
});

test('a login that asks for target and gets legacy is counted', () => {
  const gotLegacy = rows.map(({ journey }) => journey.newLogin).filter(({ token }) => token?.really === 'legacy');
  expect(gotLegacy.length).toBeGreaterThan(0);
  for (const { events } of gotLegacy) expect(events.join()).toContain('mint: asked target');
});

test('a session that cannot move once legacy is closed needs a login, not an error page', () => {
  expect(rows.filter(({ journey }) => journey.close.failure === 'refused')).toEqual([]);
});

test.each(Object.entries(ARRANGEMENTS))('createBff does the same at a provider that %s', async (name, arrangement) => {
  const seen = await travel(arrangement, CALLBACK, startBffClient);
  const expected = rows.find((row) => row.name === name)?.journey;
  expect(outcomes(seen)).toEqual(expected && outcomes(expected));
});

test('the tables of the documentation say what happens', async () => {
  await expect(tablesOf(rows)).toMatchFileSnapshot('./capabilities.md');
});

/** What a user notices, without what is counted. */
function outcomes(journey: Journey) {
  const stages = Object.entries<Observation>({ ...journey });
  return Object.fromEntries(stages.map(([stage, { token, failure }]) => [stage, token ?? failure]));
}

function observations() {
  return rows.flatMap(({ journey }) => Object.values<Observation>({ ...journey }));
}
