import { expect, test } from 'vitest';
import { readGrpcTrailers, readResponseHead } from '../../src/http/response-reader.ts';

test.each([
  ['200', 200, [], 'taken'],
  ['200 with octets', 200, [Buffer.from('Content-Type'), Buffer.from('application/json')], 'taken'],
  ['401', 401, [], 'refused'],
  ['401 for a DPoP nonce', 401, ['WWW-Authenticate', 'DPoP error="use_dpop_nonce"'], 'unclear'],
  ['302', 302, [], 'unclear'],
  ['403', 403, [], 'unclear'],
  ['403 of Envoy', 403, ['www-authenticate', 'Bearer realm="http://api/", error="invalid_token"'], 'refused'],
  [
    '403 with two challenges',
    403,
    ['a', 'b', 'WWW-Authenticate', 'Basic', 'WWW-Authenticate', 'Bearer error=invalid_token'],
    'refused',
  ],
  ['gRPC that begins', 200, [Buffer.from('content-type'), Buffer.from('application/grpc+proto')], 'in_trailers'],
  ['gRPC that ends at once', 200, ['content-type', 'application/grpc', 'grpc-status', '16'], 'refused'],
  ['another protocol', 101, ['upgrade', 'websocket'], 'stream'],
  ['an event stream', 200, ['Content-Type', 'text/event-stream; charset=utf-8'], 'stream'],
  ['an event stream with octets', 200, [Buffer.from('content-type'), Buffer.from('Text/Event-Stream')], 'stream'],
  ['an event stream that is refused', 401, ['content-type', 'text/event-stream'], 'refused'],
  ['an event stream that failed', 500, ['content-type', 'text/event-stream'], 'unclear'],
  ['lines of JSON', 200, ['content-type', 'application/x-ndjson'], 'stream'],
  ['a stream of Connect', 200, ['content-type', 'application/connect+proto'], 'stream'],
  ['a stream of images', 200, ['content-type', 'multipart/x-mixed-replace; boundary=x'], 'stream'],
  ['a type that begins like a stream', 200, ['content-type', 'text/event-streams'], 'taken'],
  ['JSON', 200, ['content-type', 'application/json'], 'taken'],
  ['gRPC behind a 401', 401, ['content-type', 'application/grpc'], 'refused'],
] as const)('reads the head of %s', (_case, status, rawHeaders, verdict) => {
  expect(readResponseHead(status, rawHeaders)).toBe(verdict);
});

test.each([
  [['grpc-status', '0'], 'taken'],
  [[Buffer.from('Grpc-Status'), Buffer.from('16')], 'refused'],
  [['grpc-status', '7', 'grpc-message', 'grpc-status 0'], 'unclear'],
  [[], 'unclear'],
  [null, 'unclear'],
  [['x', 'y'], 'unclear'],
] as const)('reads the trailers %o', (rawTrailers, verdict) => {
  expect(readGrpcTrailers(rawTrailers)).toBe(verdict);
});
