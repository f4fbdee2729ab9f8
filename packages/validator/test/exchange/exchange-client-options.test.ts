import { ConfigError } from '@crossfade/core';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { exchangeClientRules, readExchangeOptions } from '../../src/exchange/exchange-client-options.ts';

const schema = z.strictObject(exchangeClientRules);
const CLIENT = { endpoint: 'https://idp.example.com/token', clientId: 'gateway', clientSecret: 'secret' };

test('fills in the defaults', () => {
  expect(readExchangeOptions(schema, CLIENT)).toEqual({
    ...CLIENT,
    endpoint: new URL(CLIENT.endpoint),
    authentication: 'client_secret_basic',
    maxAgeSeconds: 30,
    timeoutMs: 5000,
    now: Date.now,
  });
});

test.each<[object, string]>([
  [{ endpoint: 'https://idp.example.com/token#a' }, 'endpoint'],
  [{ endpoint: 'http://idp.example.com/token' }, 'endpoint'],
  [{ authentication: 'none' }, 'authentication'],
  [{ maxAgeSeconds: 3601 }, 'maxAgeSeconds'],
  [{ timeoutMs: 0 }, 'timeoutMs'],
  [{ now: 1 }, 'now'],
])('refuses %j', (wrong, path) => {
  const read = () => readExchangeOptions(schema, { ...CLIENT, ...wrong });

  expect(read).toThrow(ConfigError);
  expect(read).toThrow(`exchange: ${path}: must be`);
});
