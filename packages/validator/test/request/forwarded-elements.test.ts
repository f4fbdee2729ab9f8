import { describe, expect, test } from 'vitest';
import { forwardedElements } from '../../src/request/forwarded-elements.ts';

function read(...values: string[]) {
  return forwardedElements(values)?.map((element) => Object.fromEntries(element));
}

describe('the elements of Forwarded', () => {
  test.each([
    [[], [{}]],
    [['for=192.0.2.60;proto=http;by=203.0.113.43'], [{ for: '192.0.2.60', proto: 'http', by: '203.0.113.43' }]],
    [['For="[2001:db8:cafe::17]:4711"'], [{ for: '[2001:db8:cafe::17]:4711' }]],
    [['for=192.0.2.43, for=198.51.100.17'], [{ for: '192.0.2.43' }, { for: '198.51.100.17' }]],
    [
      ['for=192.0.2.43', 'for=198.51.100.17'],
      [{ for: '192.0.2.43' }, { for: '198.51.100.17' }],
    ],
    [['host="a.example.com:8443" ; PROTO=https'], [{ host: 'a.example.com:8443', proto: 'https' }]],
    [['host="a, b;c=\\"d\\""'], [{ host: 'a, b;c="d"' }]],
    [['for=_hidden, for=unknown'], [{ for: '_hidden' }, { for: 'unknown' }]],
  ])('of %j are %j (RFC 7239 §4)', (values, elements) => {
    expect(read(...values)).toEqual(elements);
  });

  test.each(['for', 'for=2001:db8::1', 'host=a.example.com:8443', 'proto="https', 'for=a b', ';;', 'for=a for=b'])(
    'cannot be told in %j',
    (value) => {
      expect(read(value)).toBeUndefined();
    },
  );
});
