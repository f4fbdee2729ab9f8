import { describe, expect, test } from 'vitest';
import type { ClientResponse } from '../../src/fast-path/client-response.ts';
import { keepAliveFields, responseHead, writeEmpty, writeProblem } from '../../src/fast-path/write-response.ts';

/** A response that keeps what is written. */
function responseOf(isLast = false, isHead = false): ClientResponse & { text: string } {
  const response = {
    text: '',
    keepAlive: keepAliveFields(75_000),
    isLast: () => isLast,
    isHead: () => isHead,
    write(bytes: string | Buffer) {
      response.text += bytes.toString();
      return true;
    },
    end() {
      response.text += '<end>';
    },
  };
  return response as unknown as ClientResponse & { text: string };
}

test.each([
  [false, 'Connection: keep-alive\r\nKeep-Alive: timeout=75\r\n'],
  [true, 'Connection: close\r\n'],
])('a header section says whether it is the last: %s', (isLast, connection) => {
  const head = responseHead(responseOf(isLast), 404, 'Not Found', ['X-A', 'b', 'x-a', 'c']);
  expect(head).toBe(`HTTP/1.1 404 Not Found\r\nX-A: b\r\nx-a: c\r\n${connection}\r\n`);
});

describe('a response of our own', () => {
  const date = /\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n/;

  test('may be empty', () => {
    const response = responseOf();
    writeEmpty(response, 200, ['crossfade-audience', 'legacy']);
    expect(response.text).toMatch(
      /^HTTP\/1.1 200 OK\r\ncrossfade-audience: legacy\r\n[\s\S]*\r\nContent-Length: 0\r\n[\s\S]*\r\n\r\n<end>$/,
    );
    expect(response.text).toMatch(date);
  });

  test('has the length of its body in bytes', () => {
    const response = responseOf();
    writeProblem(response, { status: 401, headers: { 'www-authenticate': 'Bearer' }, body: '{"a":"ä"}' });
    expect(response.text).toMatch(
      /^HTTP\/1.1 401 Unauthorized\r\nwww-authenticate: Bearer\r\n[\s\S]*\r\n\r\n{"a":"ä"}<end>$/,
    );
    expect(response.text).toContain('\r\nContent-Length: 10\r\n');
    expect(response.text).toMatch(date);
  });

  test('to a HEAD has the length of its body, and no body', () => {
    const response = responseOf(false, true);
    writeProblem(response, { status: 401, headers: {}, body: '{"a":"ä"}' });
    expect(response.text).toMatch(
      /^HTTP\/1.1 401 Unauthorized\r\n[\s\S]*\r\nContent-Length: 10\r\n[\s\S]*\r\n\r\n<end>$/,
    );
  });
});
