import { expect, it } from 'vitest';
import { evaluateFeature, evaluateSwitch } from '../../src/openfeature/openfeature-evaluation.ts';
import { openHandClient } from '../fixture/open-feature-client.ts';

it('does not take a default that comes back for a value, whatever the reason', async () => {
  const hand = await openHandClient({ 'issue-target': { enabled: true } });
  hand.fault = 'default';
  expect(await evaluateSwitch(hand.client, 'issue-target')).toBeUndefined();
  expect(await evaluateFeature(hand.client, 'issue-target')).toBeUndefined();
});

it('asks for no percentage of a switch that is off, or has none', async () => {
  const flags = { 'issue-target': false, 'accept-legacy': true, 'issue-target-percent': 50 };
  const { client } = await openHandClient(flags);
  expect(await evaluateSwitch(client, 'issue-target')).toEqual({ enabled: false });
  expect(await evaluateSwitch(client, 'accept-legacy')).toEqual({ enabled: true });
});

it('prefers the attributes of an object to flag metadata', async () => {
  const hand = await openHandClient({ 'issue-target': { enabled: true, revision: '7' } });
  hand.metadata = { revision: '6', since: '2026-05-04T10:00:00Z' };
  expect(await evaluateSwitch(hand.client, 'issue-target')).toEqual({
    enabled: true,
    revision: '7',
    since: '2026-05-04T10:00:00Z',
  });
});

it('takes a list, a text or a number for no flag', async () => {
  const { client } = await openHandClient({ list: [1], text: 'on', number: 1 });
  for (const name of ['list', 'text', 'number']) expect(await evaluateFeature(client, name)).toBeUndefined();
});

it('names the flag and the code, and quotes nothing, when an evaluation fails', async () => {
  const hand = await openHandClient({});
  hand.fault = 'error';
  await expect(evaluateSwitch(hand.client, 'accept-legacy')).rejects.toThrow(
    /^could not evaluate accept-legacy \(GENERAL\)$/,
  );
});
