import { expect, test } from 'vitest';
import { asksForUpgrade, refusalOf } from '../../src/fast-path/refuse-request.ts';

const head = (fields: string, version = '1.1') => `POST / HTTP/${version}\r\nHost: a\r\n${fields}\r\n`;

test.each([
  ['Transfer-Encoding: chunked\r\n', undefined],
  ['transfer-encoding:\tCHUNKED \r\n', undefined],
  ['X-Transfer-Encoding: gzip\r\n', undefined],
  ['Transfer-Encoding: gzip, chunked\r\n', 501],
  ['Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n', 501],
  ['Transfer-Encoding: chunked, chunked\r\n', 501],
  ['Transfer-Encoding: identity\r\n', 501],
  ['Transfer-Encoding: xchunked\r\n', 501],
  ['Transfer-Encoding:\r\n', 400],
  ['Transfer-Encoding: "chunked"\r\n', 400],
  ['Transfer-Encoding: c hunked\r\n', 400],
  ['Transfer-Encoding: \x0bchunked\r\n', 400],
  ['Transfer-Encoding: chunked\r\nContent-Length: 1\r\n', 400],
])('a request with %j gets %s', (fields, status) => {
  expect(refusalOf(head(fields))).toBe(status);
});

test('HTTP/1.0 knows no transfer coding', () => {
  expect(refusalOf(head('Transfer-Encoding: chunked\r\n', '1.0'))).toBe(400);
  expect(refusalOf(head('', '1.0'))).toBeUndefined();
});

test('an upgrade names its host', () => {
  const upgrade = 'GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n';
  expect(asksForUpgrade(`${upgrade}\r\n`)).toBe(true);
  expect(refusalOf(`${upgrade}\r\n`)).toBe(400);
  expect(refusalOf(`${upgrade}X-Host: a\r\n\r\n`)).toBe(400);
  expect(refusalOf(`${upgrade}host: a\r\n\r\n`)).toBeUndefined();
});

test.each([
  ['Upgrade', true],
  ['keep-alive, \tUPGRADE', true],
  ['upgrade, HTTP2-Settings', true],
  ['keep-alive', false],
  ['upgrades', false],
  ['no upgrade', false],
])('whether Connection: %s makes an Upgrade one: %s', (connection, expected) => {
  expect(asksForUpgrade(head(`Upgrade: websocket\r\nConnection: ${connection}\r\n`))).toBe(expected);
});

test('the preface of HTTP/2 is no request', () => {
  expect(refusalOf('PRI * HTTP/2.0\r\n\r\n')).toBe(400);
});
