import { describe, expect, test } from 'vitest';
import { type ClientConnection, readRequestHeaders } from '../../src/http/request-headers.ts';

const CLIENT: ClientConnection = { remoteAddress: '192.0.2.1', protocol: 'http', trusted: true };

/** Pairs in, pairs out, without what is said of the client. */
function travelling(...pairs: [name: string, value: string][]): string[] {
  const { fields } = readRequestHeaders(pairs.flat(), { remoteAddress: undefined, protocol: 'http', trusted: true });
  return fields.filter((_, index) => index % 2 === 0 && !fields[index]?.startsWith('x-forwarded-proto'));
}

describe('what travels', () => {
  test.each<[string, [string, string][], string[]]>([
    [
      'end-to-end fields, as they are spelled',
      [
        ['X-A', '1'],
        ['Cookie', 'c'],
        ['X-A', '2'],
      ],
      ['X-A', 'Cookie', 'X-A'],
    ],
    [
      'no hop-by-hop field',
      [
        ['Keep-Alive', 'timeout=5'],
        ['Proxy-Connection', 'x'],
        ['Upgrade', 'h2c'],
        ['Trailer', 'x'],
        ['Proxy-Authorization', 'x'],
      ],
      [],
    ],
    [
      'no field that Connection nominates',
      [
        ['Connection', 'X-Secret, close'],
        ['X-Secret', '1'],
        ['X-Open', '2'],
      ],
      ['X-Open'],
    ],
    [
      'Authorization, though Connection nominates it',
      [
        ['Connection', 'authorization'],
        ['Authorization', 'Bearer t'],
      ],
      ['Authorization'],
    ],
    [
      'Cookie and Content-Type, though Connection nominates them',
      [
        ['Connection', 'cookie,content-type'],
        ['Cookie', 'c'],
        ['Content-Type', 't'],
      ],
      ['Cookie', 'Content-Type'],
    ],
    [
      'no crossfade header, however it is spelled',
      [
        ['crossfade-subject', 'x'],
        ['Crossfade-Audience', 'x'],
        ['CROSSFADE_SUBJECT', 'x'],
        ['crossfade_client', 'x'],
        ['crossfade.scope', 'x'],
        ['crossfade-', 'x'],
      ],
      [],
    ],
    [
      'no repeated crossfade header',
      [
        ['crossfade-subject', 'a'],
        ['crossfade-subject', 'b'],
      ],
      [],
    ],
    [
      'a crossfade header is not kept by nominating it',
      [
        ['Connection', 'crossfade-subject'],
        ['crossfade-subject', 'x'],
      ],
      [],
    ],
    [
      'what only begins like one',
      [
        ['crossfader', 'x'],
        ['x-crossfade-subject', 'x'],
      ],
      ['crossfader', 'x-crossfade-subject'],
    ],
    ['no Expect: where it goes on, it is put back', [['Expect', '100-continue']], []],
    ['TE for trailers alone', [['TE', 'gzip, trailers;q=0.5']], ['te']],
    ['no other TE', [['TE', 'gzip']], []],
    [
      'every Authorization',
      [
        ['Authorization', 'a'],
        ['authorization', 'b'],
      ],
      ['Authorization', 'authorization'],
    ],
  ])('%s', (_rule, pairs, expected) => {
    expect(travelling(...pairs)).toEqual(expected);
  });
});

describe('what is said of the client', () => {
  const forwarded = (...pairs: [string, string][]) => {
    const { fields } = readRequestHeaders(pairs.flat(), CLIENT);
    const value = (name: string) => fields[fields.findIndex((field) => field.toLowerCase() === name) + 1];
    return [value('x-forwarded-for'), value('x-forwarded-proto'), value('x-forwarded-host')];
  };

  test('address, protocol and host', () => {
    expect(forwarded(['Host', 'api.example.com'])).toEqual(['192.0.2.1', 'http', 'api.example.com']);
  });

  test('behind what proxies before said', () => {
    expect(
      forwarded(
        ['X-Forwarded-For', '198.51.100.1'],
        ['x-forwarded-for', '198.51.100.2'],
        ['X-Forwarded-Proto', 'https'],
        ['X-Forwarded-Host', 'public.example.com'],
        ['Host', 'internal'],
      ),
    ).toEqual(['198.51.100.1, 198.51.100.2, 192.0.2.1', 'https', 'public.example.com']);
  });

  test('nothing that a stranger says, however it is spelled', () => {
    const stranger = { ...CLIENT, trusted: false };
    const pairs = [
      ['Host', 'api.example.com'],
      ['X-Forwarded-For', '198.51.100.1'],
      ['X_Forwarded_For', '198.51.100.1'],
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-Host', 'evil.example.com'],
      ['X-Forwarded-Port', '1'],
      ['x.forwarded.prefix', '/evil'],
      ['X-Real-IP', '198.51.100.1'],
      ['Forwarded', 'for=198.51.100.1'],
      ['X-Forwardedness', 'kept'],
      ['From', 'kept'],
    ];
    const { fields } = readRequestHeaders(pairs.flat(), stranger);
    expect(fields).toEqual([
      ...['X-Forwardedness', 'kept', 'From', 'kept'],
      ...['x-forwarded-for', '192.0.2.1', 'x-forwarded-proto', 'http', 'x-forwarded-host', 'api.example.com'],
    ]);
  });

  test('all that a trusted proxy says, but not what its client slips by it', () => {
    const pairs = ['Forwarded', 'for=a', 'X-Real-IP', 'a', 'X-Forwarded-Port', '443', 'X_Forwarded_For', 'b'];
    expect(readRequestHeaders(pairs, { ...CLIENT, trusted: true }).fields.slice(0, -4)).toEqual([
      ...['Forwarded', 'for=a', 'X-Real-IP', 'a', 'X-Forwarded-Port', '443'],
    ]);
  });
});

test.each<[string, [string, string][], boolean]>([
  ['nothing', [], false],
  ['a length of 0', [['Content-Length', '0']], false],
  ['a length', [['Content-Length', '7']], true],
  ['a transfer coding', [['Transfer-Encoding', 'chunked']], true],
])('%s says whether there is a body', (_name, pairs, hasBody) => {
  expect(readRequestHeaders(pairs.flat(), CLIENT).hasBody).toBe(hasBody);
});

test('collects every Host, Authorization and Trailer, and notices an expectation', () => {
  const headers = readRequestHeaders(
    ['Host', 'a', 'host', 'b', 'Authorization', 'x', 'AUTHORIZATION', 'y', 'Expect', '100-continue', 'Trailer', 'z'],
    CLIENT,
  );
  expect(headers).toMatchObject({
    hosts: ['a', 'b'],
    authorization: ['x', 'y'],
    expectsContinue: true,
    trailer: ['z'],
  });
});
