import { UnavailableError } from '@crossfade/core';
import { expect, test } from 'vitest';
import { firstTokenExchange } from '../../src/exchange/first-token-exchange.ts';
import type { TokenExchange } from '../../src/exchange/token-exchange.ts';

const closed: string[] = [];
const returning = (jwt: string | undefined): TokenExchange => ({
  exchange: async () => jwt,
  close: () => void closed.push(String(jwt)),
});
const failing = (error: Error): TokenExchange => ({ exchange: () => Promise.reject(error) });
const exchangeAt = (...exchanges: readonly TokenExchange[]) => firstTokenExchange(exchanges).exchange('opaque');

test('the first exchange that returns a JWT decides', async () => {
  expect(await exchangeAt(returning('a'), returning('b'))).toBe('a');
  expect(await exchangeAt(returning(undefined), returning('b'))).toBe('b');
  expect(await exchangeAt(failing(new Error('down')), returning('b'))).toBe('b');
  expect(await exchangeAt(returning(undefined), returning(undefined))).toBeUndefined();
});

test('a token that one exchange does not know, and another cannot say, is unavailable', async () => {
  const down = new UnavailableError('down');

  await expect(exchangeAt(returning(undefined), failing(down))).rejects.toBe(down);
  await expect(exchangeAt(failing(new Error('bug')), returning(undefined))).rejects.toMatchObject({
    dependency: 'exchange',
  });
});

test('one exchange alone is itself', () => {
  const only = returning('a');

  expect(firstTokenExchange([only])).toBe(only);
});

test('a JWT is used as long as the strictest exchange says, and all are closed together', () => {
  const both = firstTokenExchange([
    { ...returning('a'), maxAgeSeconds: 60 },
    { ...returning('b'), maxAgeSeconds: 5 },
  ]);
  both.close?.();

  expect(both.maxAgeSeconds).toBe(5);
  expect(closed).toEqual(['a', 'b']);
});
