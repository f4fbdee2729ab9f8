import { describe, expect, test } from 'vitest';
import { type ClientConnection, readRequestHeaders } from '../../src/http/request-headers.ts';

const CLIENT: ClientConnection = { remoteAddress: '192.0.2.1', protocol: 'http', trusted: true };

/** The names of the forwarded fields, without those that describe the client. */
function forwardedNames(...pairs: [name: string, value: string][]): string[] {
  const { fields } = readRequestHeaders(pairs.flat(), { remoteAddress: undefined, protocol: 'http', trusted: true });
  return fields.filter((_, index) => index % 2 === 0 && !fields[index]?.startsWith('x-forwarded-proto'));
}

describe('the forwarded fields are', () => {
  test.each<[string, [string, string][], string[]]>([
    [
      'end-to-end fields, in their spelling',
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
      'no crossfade header in any spelling',
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
      'no crossfade header that Connection nominates',
      [
        ['Connection', 'crossfade-subject'],
        ['crossfade-subject', 'x'],
      ],
      [],
    ],
    [
      'fields that only resemble a crossfade header',
      [
        ['crossfader', 'x'],
        ['x-crossfade-subject', 'x'],
      ],
      ['crossfader', 'x-crossfade-subject'],
    ],
    [
      'no Proxy, which CGI calls HTTP_PROXY',
      [
        ['Proxy', 'http://evil.example.com'],
        ['proxy', 'x'],
        ['PROXY', 'x'],
        ['Proxy-Mode', 'x'],
      ],
      ['Proxy-Mode'],
    ],
    ['no Expect', [['Expect', '100-continue']], []],
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
    expect(forwardedNames(...pairs)).toEqual(expected);
  });
});

describe('Host', () => {
  const fieldsOf = (rawHeaders: string[], authority?: string) =>
    readRequestHeaders(rawHeaders, { ...CLIENT, remoteAddress: undefined }, authority).fields.slice(0, -4);

  test('is the first field, in its spelling, wherever the client put it', () => {
    expect(fieldsOf(['X-A', '1', 'HOST', 'a'])).toEqual(['HOST', 'a', 'X-A', '1']);
  });

  test('stays, though Connection nominates it', () => {
    expect(fieldsOf(['Connection', 'host', 'Host', 'a'])).toEqual(['Host', 'a']);
  });

  test('is the authority of an absolute request target, and so is X-Forwarded-Host', () => {
    expect(fieldsOf(['X-A', '1', 'Host', 'a'], 'b')).toEqual(['Host', 'b', 'X-A', '1']);
    expect(fieldsOf([], 'b')).toEqual(['host', 'b']);
    expect(readRequestHeaders(['Host', 'a'], CLIENT, 'b').fields.slice(-2)).toEqual(['x-forwarded-host', 'b']);
  });

  test('is absent if the client sends none', () => {
    expect(readRequestHeaders(['X-A', '1'], CLIENT).fields.slice(0, 2)).toEqual(['X-A', '1']);
  });
});

test('a repeated Content-Type, and headers that only mean something to an API, are forwarded as they are', () => {
  const rawHeaders = [
    ...['Content-Type', 'text/plain', 'Content-Type', 'application/json', 'X-Original-URL', '/admin'],
    ...['X-Rewrite-URL', '/admin', 'X-HTTP-Method-Override', 'DELETE', 'Content_Type', 'x'],
  ];
  expect(readRequestHeaders(rawHeaders, { ...CLIENT, trusted: false }).fields.slice(0, -4)).toEqual(rawHeaders);
});

describe('the fields that describe the client are', () => {
  const forwarded = (...pairs: [string, string][]) => {
    const { fields } = readRequestHeaders(pairs.flat(), CLIENT);
    const value = (name: string) => fields[fields.findIndex((field) => field.toLowerCase() === name) + 1];
    return [value('x-forwarded-for'), value('x-forwarded-proto'), value('x-forwarded-host')];
  };

  test('its address, protocol and host', () => {
    expect(forwarded(['Host', 'api.example.com'])).toEqual(['192.0.2.1', 'http', 'api.example.com']);
  });

  test('appended to those of trusted proxies', () => {
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

  test('never those of an untrusted client, in any spelling', () => {
    const untrusted = { ...CLIENT, trusted: false };
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
    const { fields } = readRequestHeaders(pairs.flat(), untrusted);
    expect(fields).toEqual([
      ...['Host', 'api.example.com', 'X-Forwardedness', 'kept', 'From', 'kept'],
      ...['x-forwarded-for', '192.0.2.1', 'x-forwarded-proto', 'http', 'x-forwarded-host', 'api.example.com'],
    ]);
  });

  test('those of a trusted proxy, except unusual spellings that come from its client', () => {
    const pairs = ['Forwarded', 'for=a', 'X-Real-IP', 'a', 'X-Forwarded-Port', '443', 'X_Forwarded_For', 'b'];
    expect(readRequestHeaders(pairs, { ...CLIENT, trusted: true }).fields.slice(0, -4)).toEqual([
      ...['Forwarded', 'for=a', 'X-Real-IP', 'a', 'X-Forwarded-Port', '443'],
    ]);
  });
});

describe('the header of a client certificate', () => {
  const namesOf = (isBelieved: boolean, ...names: string[]) => {
    const client = { ...CLIENT, certificateHeader: { name: 'client-cert', isBelieved } };
    const { fields } = readRequestHeaders(
      names.flatMap((name) => [name, 'x']),
      client,
    );
    return fields.filter((name, index) => index % 2 === 0 && !name.startsWith('x-forwarded'));
  };
  const SPELLINGS = ['Client-Cert', 'client-cert', 'Client_Cert', 'client.cert', 'Client-Certs', 'Client-Cert-Chains'];
  const CHAINS = ['Client-Cert-Chain', 'Client_Cert_Chain', 'client-cert_chain'];

  test('is forwarded from a trusted proxy, except in spellings that come from its client', () => {
    expect(namesOf(true, ...SPELLINGS)).toEqual(['Client-Cert', 'client-cert', 'Client-Certs', 'Client-Cert-Chains']);
    expect(namesOf(true, ...CHAINS)).toEqual(['Client-Cert-Chain']);
  });

  test('is not forwarded from any other client', () => {
    expect(namesOf(false, ...SPELLINGS)).toEqual(['Client-Certs', 'Client-Cert-Chains']);
    expect(namesOf(false, ...CHAINS)).toEqual([]);
    expect(namesOf(false, 'Connection', 'Client-Cert')).toEqual([]);
  });

  test('has the certificate of the connection, if there is one', () => {
    const certificateHeader = { name: 'client-cert', isBelieved: false };
    const certificate = { thumbprint: 'a', header: ':YQ==:' };
    const { fields } = readRequestHeaders(['Client-Cert', ':Yg==:'], { ...CLIENT, certificateHeader, certificate });

    expect(fields.join(' ')).toContain('client-cert :YQ==:');
    expect(fields.join(' ')).not.toContain(':Yg==:');
  });
});

test.each<[string, [string, string][], boolean]>([
  ['nothing', [], false],
  ['a length of 0', [['Content-Length', '0']], false],
  ['a length', [['Content-Length', '7']], true],
  ['a transfer coding', [['Transfer-Encoding', 'chunked']], true],
])('%s decides whether there is a body', (_name, pairs, hasBody) => {
  expect(readRequestHeaders(pairs.flat(), CLIENT).hasBody).toBe(hasBody);
});

test('every Host, Authorization and Trailer is collected, and an expectation noticed', () => {
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
