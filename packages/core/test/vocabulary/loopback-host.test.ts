import { expect, it } from 'vitest';
import { isLoopbackHost } from '../../src/vocabulary/loopback-host.ts';

it.each(['localhost', '127.0.0.1', '127.8.8.8', '[::1]'])('takes %s for a loopback host', (hostname) => {
  expect(isLoopbackHost(hostname)).toBe(true);
});

it.each(['0.0.0.0', '[::]', '10.0.0.1', 'localhost.example.com', '127.0.0.1.example.com', ''])(
  'does not take "%s" for a loopback host',
  (hostname) => {
    expect(isLoopbackHost(hostname)).toBe(false);
  },
);
