import { expect, it } from 'vitest';
import { evaluateFeature, evaluateSwitch } from '../../src/openfeature/openfeature-evaluation.ts';
import { openControlledClient } from '../fixture/open-feature-client.ts';

it('does not treat a returned default as a value, whatever the reason', async () => {
  const controlled = await openControlledClient({ 'issue-target': { enabled: true } });
  controlled.fault = 'default';
  expect(await evaluateSwitch(controlled.client, 'issue-target')).toBeUndefined();
  expect(await evaluateFeature(controlled.client, 'issue-target')).toBeUndefined();
});

it('does not evaluate the percentage of a switch that is off or has none', async () => {
  const flags = { 'issue-target': false, 'accept-legacy': true, 'issue-target-percent': 50 };
  const { client } = await openControlledClient(flags);
  expect(await evaluateSwitch(client, 'issue-target')).toEqual({ enabled: false });
  expect(await evaluateSwitch(client, 'accept-legacy')).toEqual({ enabled: true });
});

it('prefers the attributes of an object to flag metadata', async () => {
  const controlled = await openControlledClient({ 'issue-target': { enabled: true, revision: '7' } });
  controlled.metadata = { revision: '6', since: '2026-05-04T10:00:00Z' };
  expect(await evaluateSwitch(controlled.client, 'issue-target')).toEqual({
    enabled: true,
    revision: '7',
    since: '2026-05-04T10:00:00Z',
  });
});

it('does not accept a list, a string or a number as a flag', async () => {
  const { client } = await openControlledClient({ list: [1], text: 'on', number: 1 });
  for (const name of ['list', 'text', 'number']) expect(await evaluateFeature(client, name)).toBeUndefined();
});

it('names the flag and the code of a failed evaluation, and quotes nothing', async () => {
  const controlled = await openControlledClient({});
  controlled.fault = 'error';
  await expect(evaluateSwitch(controlled.client, 'accept-legacy')).rejects.toThrow(
    /^could not evaluate accept-legacy \(GENERAL\)$/,
  );
});
