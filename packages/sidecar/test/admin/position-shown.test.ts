import type { SidecarStatus } from '@crossfade/core/status';
import { beforeAll, expect, test } from 'vitest';
import { readPosition } from '../../src/admin/position-shown.ts';
import { startTestbed } from '../fixture/testbed.ts';

let status: SidecarStatus;
beforeAll(async () => {
  const testbed = await startTestbed();
  status = (await (await fetch(`${testbed.sidecar.adminUrl}/status`)).json()) as SidecarStatus;
  await testbed.close();
});

const UNKNOWN = { legacy: null, target: null };

test('says that the API is unknown until a response shows it, and what the switch says', () => {
  expect(readPosition({ ...status, phase: 'drain', shown: UNKNOWN }, false)).toMatchObject({
    api: 'unknown',
    apiSource: 'no response shows it yet; the switch says both',
    isApiWrong: false,
  });
  const closed = readPosition({ ...status, phase: 'contract', shown: UNKNOWN }, false);
  expect(closed.apiSource).toBe('no response shows it yet; the switch says target');
});

test('says where it is known from', () => {
  const shown = { legacy: true, target: true };
  expect(readPosition({ ...status, shown }, false)).toMatchObject({
    api: 'accepts legacy and target',
    apiSource: 'as its responses show',
  });
  expect(readPosition({ ...status, shown }, true).apiSource).toBe('decided here');
});

test('is wrong where the API takes legacy after the close', () => {
  const shown = { legacy: true, target: true };
  expect(readPosition({ ...status, phase: 'contract', shown }, false).isApiWrong).toBe(true);
  expect(readPosition({ ...status, phase: 'migrate', shown }, false).isApiWrong).toBe(false);
});

test('calls the position unknown until flags were read', () => {
  const unread = { ...status.flags, ageSeconds: null, revision: null, hash: null };
  const text = 'unknown: no flags were read yet; until then every login asks for legacy';
  expect(readPosition({ ...status, flags: unread }, false).issuance).toBe(text);
  const issuance = { ...status.issuance, percent: 25 };
  expect(readPosition({ ...status, issuance }, false).issuance).toBe('25 % of logins ask for target');
});
