import { expect, test } from 'vitest';
import type { ClientEvent } from '../../src/events/client-event.ts';
import { GrantRefusedError, type RefusingEndpoint } from '../../src/provider/errors.ts';
import { createSideChooser } from '../../src/tokens/side-chooser.ts';
import { issuanceFixture } from '../fixture/issuance-fixture.ts';

function fixture() {
  const issuance = issuanceFixture();
  issuance.percent = 100;
  const events: ClientEvent[] = [];
  const switches = { isLegacyClosed: false };
  const chooser = createSideChooser(
    issuance.selector,
    () => (switches.isLegacyClosed ? 'target' : 'both'),
    (event) => events.push(event),
  );
  const choose = () => chooser.choose({ key: 'a' }, 'machine');
  const refuse = (error = 'invalid_target', endpoint: RefusingEndpoint = 'token') =>
    chooser.refused(choose(), 'machine', new GrantRefusedError('a token', error, { endpoint }));
  return { issuance, events, switches, chooser, choose, refuse };
}

test.each<[RefusingEndpoint, string, boolean]>([
  ['authorization', 'invalid_scope', true],
  ['authorization', 'invalid_target', true],
  ['authorization', 'unauthorized_client', true],
  ['authorization', 'access_denied', false],
  ['authorization', 'invalid_resource', false],
  ['token', 'invalid_scope', true],
  ['token', 'invalid_resource', true],
  ['token', 'access_denied', true],
  ['token', 'invalid_client', false],
  ['token', 'invalid_grant', false],
])('at the %s endpoint %s falls back: %s', (endpoint, error, fallsBack) => {
  expect(fixture().refuse(error, endpoint)).toBe(fallsBack);
});

test('a refusal of target is followed by legacy until the flag has another revision', () => {
  const { issuance, events, choose, refuse } = fixture();
  expect(choose().selection.side).toBe('target');
  refuse();
  expect(events.at(-1)).toEqual({ type: 'fell_back', use: 'machine', error: 'invalid_target', revision: '1' });
  expect(choose()).toMatchObject({ asked: 'target', revision: '1', selection: { side: 'legacy' } });
  issuance.revision = '2';
  expect(choose().selection.side).toBe('target');
});

test('a switch that cannot be read for a moment does not make it ask again', () => {
  const { issuance, choose, chooser, refuse } = fixture();
  refuse();
  issuance.broken = true;
  chooser.choose({ side: 'target' }, 'login');
  issuance.broken = false;
  expect(choose().selection.side).toBe('legacy');
});

test('a refusal of legacy is no reason for legacy', () => {
  const { issuance, refuse } = fixture();
  issuance.percent = 0;
  expect(refuse()).toBe(false);
});

test('once legacy is closed it is not asked for any more', () => {
  const { switches, choose, refuse } = fixture();
  refuse();
  switches.isLegacyClosed = true;
  expect(choose().selection.side).toBe('target');
  expect(refuse()).toBe(false);
});
