import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { canUpgrade } from '../../src/proxy/upgrade.ts';

test.each([
  [{ upgrade: 'websocket' }, true],
  [{ upgrade: 'WebSocket', 'content-length': '0' }, true],
  [{ upgrade: 'SPDY/3.1' }, true],
  [{ upgrade: 'h2c' }, false],
  [{ upgrade: 'websocket, H2C' }, false],
  [{ upgrade: '' }, false],
  [{ upgrade: 'websocket', 'content-length': '5' }, false],
  [{ upgrade: 'websocket', 'content-length': '5, 5' }, false],
  [{ upgrade: 'websocket', 'transfer-encoding': 'chunked' }, false],
])('whether %j is forwarded as an upgrade: %s', (headers, expected) => {
  const request = new IncomingMessage(new Socket());
  Object.assign(request, { headers });
  expect(canUpgrade(request)).toBe(expected);
});
