import { expect, test } from 'vitest';
import { ARRANGEMENTS } from './arrangements.ts';
import { type Observation, travel } from './journey.ts';
import { type Row, tablesOf } from './table.ts';

/** Where a session ends for another reason than the migration: the provider ends it at every refresh, or at a refused move. */
const ENDS: readonly string[] = ['ends sessions: `invalid_grant`', 'refuses the move, and spends the refresh token'];
/** Where every token needs a login, migration or not. */
const NEEDS_LOGINS: readonly string[] = [...ENDS, 'gives no refresh token', 'wants the user: `interaction_required`'];

const rows: Row[] = [];
for (const [name, arrangement] of Object.entries(ARRANGEMENTS)) {
  const journey = travel(arrangement);
  test(`a session survives a flip and a rollback at a provider that ${name}`, async () => {
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

test('only what shows that it is for target counts as target', () => {
  const claimed = observations().filter(
    ({ events, token }) =>
      token?.really === 'legacy' &&
      token.asked === 'target' &&
      events.every((event) => !event.startsWith('mint: asked target')),
  );
  expect(claimed).toEqual([]);
});

test('a session that cannot move once legacy is closed needs a login, not an error page', () => {
  expect(rows.filter(({ journey }) => journey.close.failure === 'refused')).toEqual([]);
});

test('the tables of the documentation say what happens', async () => {
  await expect(tablesOf(rows)).toMatchFileSnapshot('./capabilities.md');
});

function observations() {
  return rows.flatMap(({ journey }) => Object.values<Observation>({ ...journey }));
}
