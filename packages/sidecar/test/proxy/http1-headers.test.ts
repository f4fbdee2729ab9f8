import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { http1Headers, lengthLast } from '../../src/proxy/http1-headers.ts';

const REQUEST = { method: 'GET', path: '/', body: null, trailers: (): [] => [], expectsContinue: false };
const KEPT = ['connection', 'keep-alive'];
const body = Readable.from([]);

test.each([
  ['GET', { headers: ['Host', 'a', 'X', '1', 'x', '2'] }, ['Host', 'a', 'X', '1', 'x', '2', ...KEPT]],
  ['GET', { headers: [] }, ['host', 'api:80', ...KEPT]],
  ['POST', { headers: ['host', 'a'] }, ['host', 'a', 'content-length', '0', ...KEPT]],
  ['MKCOL', { headers: ['host', 'a'] }, ['host', 'a', 'content-length', '0', ...KEPT]],
  ['POST', { headers: ['host', 'a', 'Content-Length', '0'] }, ['host', 'a', 'Content-Length', '0', ...KEPT]],
  ['POST', { headers: ['host', 'a', 'content-length', '5'], body }, ['host', 'a', 'content-length', '5', ...KEPT]],
  ['GET', { headers: ['host', 'a'], body }, ['host', 'a', 'transfer-encoding', 'chunked', ...KEPT]],
  [
    'PUT',
    { headers: ['host', 'a', 'content-length', '5'], body, expectsContinue: true },
    ['host', 'a', 'content-length', '5', 'expect', '100-continue', ...KEPT],
  ],
  [
    'GET',
    { headers: ['host', 'a'], upgrade: 'websocket' },
    ['host', 'a', 'connection', 'upgrade', 'upgrade', 'websocket'],
  ],
])('the header section of a %s with %j is %j', (method, more, expected) => {
  expect(http1Headers({ ...REQUEST, method, ...more }, 'api:80')).toEqual(expected);
});

test.each([
  [
    ['Content-Length', '5', 'Content-Disposition', 'x\xfc', 'A', 'b'],
    ['Content-Disposition', 'x\xfc', 'A', 'b', 'Content-Length', '5'],
  ],
  [
    ['Content-Length', '5', 'Content-Disposition', 'x'],
    ['Content-Length', '5', 'Content-Disposition', 'x'],
  ],
  [
    ['Content-Disposition', '\xfc', 'Content-Length', '5'],
    ['Content-Disposition', '\xfc', 'Content-Length', '5'],
  ],
  [
    ['Content-Disposition', '\xfc'],
    ['Content-Disposition', '\xfc'],
  ],
])('a length moves behind a file name that Node.js would damage: %j', (fields, expected) => {
  expect(lengthLast([...fields])).toEqual(expected);
});
