import { expect, test } from 'vitest';
import { isLoopback, isSocket } from '../../src/collect/listen-address.ts';

test.each(['127.0.0.1:9464', '127.8.8.8:0', 'localhost:1', '[::1]:9464'])('%s is on loopback', (address) => {
  expect(isLoopback(address)).toBe(true);
});

test.each(['0.0.0.0:9464', '[::]:9464', '10.0.0.1:9464', 'localhost.example.com:1', '127.0.0.1.example.com:1'])(
  '%s is not on loopback',
  (address) => {
    expect(isLoopback(address)).toBe(false);
  },
);

test('recognises a Unix socket by its scheme', () => {
  expect([isSocket('unix:/run/c.sock'), isSocket('127.0.0.1:80')]).toEqual([true, false]);
});
