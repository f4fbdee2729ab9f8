import { combineSelectors, createSelector } from '@crossfade/selector';
import { expect, test } from 'vitest';
import type { ClientEvent } from '../../src/events/client-event.ts';
import { issuedSides } from '../../src/tokens/issued-sides.ts';
import { createSideChooser } from '../../src/tokens/side-chooser.ts';
import { mintEvent } from '../../src/tokens/side-events.ts';
import { issuanceFixture } from '../fixture/issuance-fixture.ts';

function selectorOf(api: string, percent: number) {
  return createSelector({
    legacy: { scope: 'openid' },
    target: { scope: `openid ${api}:read` },
    salt: api,
    issuance: () => ({ enabled: percent > 0, percent, revision: '7', sinceMs: null }),
  });
}

test('a client with one selector reports one side', () => {
  const issuance = issuanceFixture();
  issuance.percent = 100;
  const events: ClientEvent[] = [];
  const chooser = createSideChooser(
    issuance.selector,
    () => 'both',
    (event) => events.push(event),
  );
  const chosen = chooser.choose({ key: 'alice' }, 'login');
  events.push(mintEvent('login', chosen, { side: 'unknown' }));
  expect(events).toEqual([
    { type: 'selection', use: 'login', side: 'target', reason: 'full', revision: '1' },
    { type: 'mint', use: 'login', asked: 'target', minted: 'unknown', revision: '1' },
  ]);
});

test('a client with combined selectors reports the sides of each migration', () => {
  const selector = combineSelectors([selectorOf('orders', 100), selectorOf('billing', 0)]);
  const events: ClientEvent[] = [];
  const chooser = createSideChooser(
    selector,
    () => 'both',
    (event) => events.push(event),
  );
  const chosen = chooser.choose({ key: 'alice' }, 'machine');
  const asked = { side: chosen.asked, sides: chosen.askedSides ?? {} };
  events.push(mintEvent('machine', chosen, issuedSides(asked, 'openid', selector)));
  expect(events).toMatchObject([
    {
      side: 'legacy',
      parts: { orders: { side: 'target', reason: 'full' }, billing: { side: 'legacy', reason: 'disabled' } },
    },
    {
      asked: 'legacy',
      minted: 'legacy',
      parts: { orders: { asked: 'target', minted: 'legacy' }, billing: { asked: 'legacy', minted: 'legacy' } },
    },
  ]);
});
