import { describe, expect, test } from 'vitest';
import type { Turn } from '../../src/fast-path/fast-connection.ts';
import { answerEmpty, answerHead, answerProblem } from '../../src/fast-path/write-response.ts';

/** A turn that keeps what is written. */
function turnOf(isLast = false, isHead = false): Turn & { text: string } {
  const turn = {
    text: '',
    isLast: () => isLast,
    isHead: () => isHead,
    write(bytes: string | Buffer) {
      turn.text += bytes.toString();
      return true;
    },
    end() {
      turn.text += '<end>';
    },
  };
  return turn as unknown as Turn & { text: string };
}

test.each([
  [false, 'Connection: keep-alive\r\nKeep-Alive: timeout=75\r\n'],
  [true, 'Connection: close\r\n'],
])('a header section says whether it is the last: %s', (isLast, connection) => {
  const head = answerHead(turnOf(isLast), 404, 'Not Found', ['X-A', 'b', 'x-a', 'c']);
  expect(head).toBe(`HTTP/1.1 404 Not Found\r\nX-A: b\r\nx-a: c\r\n${connection}\r\n`);
});

describe('an answer of our own', () => {
  const date = /\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n/;

  test('may be empty', () => {
    const turn = turnOf();
    answerEmpty(turn, 200, ['crossfade-audience', 'legacy']);
    expect(turn.text).toMatch(
      /^HTTP\/1.1 200 OK\r\ncrossfade-audience: legacy\r\n[\s\S]*\r\nContent-Length: 0\r\n[\s\S]*\r\n\r\n<end>$/,
    );
    expect(turn.text).toMatch(date);
  });

  test('has the length of its body in bytes', () => {
    const turn = turnOf();
    answerProblem(turn, { status: 401, headers: { 'www-authenticate': 'Bearer' }, body: '{"a":"ä"}' });
    expect(turn.text).toMatch(
      /^HTTP\/1.1 401 Unauthorized\r\nwww-authenticate: Bearer\r\n[\s\S]*\r\n\r\n{"a":"ä"}<end>$/,
    );
    expect(turn.text).toContain('\r\nContent-Length: 10\r\n');
    expect(turn.text).toMatch(date);
  });

  test('to a HEAD says how long its body would be, and has none', () => {
    const turn = turnOf(false, true);
    answerProblem(turn, { status: 401, headers: {}, body: '{"a":"ä"}' });
    expect(turn.text).toMatch(/^HTTP\/1.1 401 Unauthorized\r\n[\s\S]*\r\nContent-Length: 10\r\n[\s\S]*\r\n\r\n<end>$/);
  });
});
