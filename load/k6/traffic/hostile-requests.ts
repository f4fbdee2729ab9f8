import crypto from 'k6/crypto';
import encoding from 'k6/encoding';
import http, { type RefinedResponse, type ResponseType } from 'k6/http';
import { anyApi } from './orders.ts';
import type { Token } from './tokens.ts';

/** Real tokens, which hostile requests are made of. */
export interface Material {
  readonly target: Token;
  /** Of another API, with a good signature of the same issuer. */
  readonly other: string;
  /** Expired by now. */
  readonly expired: string;
}

type Response = RefinedResponse<ResponseType | undefined>;

const encode = (value: object): string => encoding.b64encode(JSON.stringify(value), 'rawurl');
const randomText = (length: number): string => encoding.b64encode(crypto.randomBytes(length), 'rawurl');
const headerOf = (token: string) => JSON.parse(encoding.b64decode(token.split('.')[0] ?? '', 'rawurl', 's'));
const payloadOf = (token: string) => JSON.parse(encoding.b64decode(token.split('.')[1] ?? '', 'rawurl', 's'));

const get = (headers: Record<string, string>, kind: string, path = '/orders'): Response =>
  http.get(`${anyApi()}${path}`, { headers, tags: { kind: 'hostile', hostile: kind, name: `hostile ${kind}` } });
const bearer = (token: string, kind: string): Response => get({ authorization: `Bearer ${token}` }, kind);

/** The token with other claims or another header; its signature is that of the original. */
function forged(token: string, changes: { readonly header?: object; readonly payload?: object }): string {
  const signature = token.split('.')[2] ?? '';
  return `${encode({ ...headerOf(token), ...changes.header })}.${encode({ ...payloadOf(token), ...changes.payload })}.${signature}`;
}

/** Each kind sends one request that must be refused. */
export const HOSTILE: Readonly<Record<string, (material: Material) => Response>> = {
  no_token: () => get({}, 'no_token'),
  empty_token: () => get({ authorization: 'Bearer ' }, 'empty_token'),
  basic: () => get({ authorization: 'Basic YTpi' }, 'basic'),
  garbage: () => bearer(randomText(60), 'garbage'),
  garbage_jws: () => bearer(`${randomText(30)}.${randomText(60)}.${randomText(64)}`, 'garbage_jws'),
  alg_none: ({ target: { text } }) =>
    bearer(`${encode({ ...headerOf(text), alg: 'none' })}.${text.split('.')[1]}.`, 'alg_none'),
  alg_hmac: ({ target: { text } }) => {
    const signed = `${encode({ ...headerOf(text), alg: 'HS256' })}.${text.split('.')[1]}`;
    return bearer(`${signed}.${crypto.hmac('sha256', 'public key', signed, 'base64rawurl')}`, 'alg_hmac');
  },
  bad_signature: ({ target: { text } }) =>
    bearer(`${text.split('.').slice(0, 2).join('.')}.${randomText(64)}`, 'bad_signature'),
  raised_scope: ({ target: { text } }) =>
    bearer(forged(text, { payload: { scope: 'admin', sub: randomText(8) } }), 'raised_scope'),
  // Each with a key id of its own: a validator that fetches keys for each of them is overrun.
  unknown_key: ({ target: { text } }) => bearer(forged(text, { header: { kid: randomText(8) } }), 'unknown_key'),
  wrong_issuer: ({ target: { text } }) =>
    bearer(forged(text, { payload: { iss: 'https://evil.example' } }), 'wrong_issuer'),
  wrong_audience: ({ other }) => bearer(other, 'wrong_audience'),
  expired: ({ expired }) => bearer(expired, 'expired'),
  huge_token: () => bearer(randomText(9000), 'huge_token'),
  huge_header: () => bearer(randomText(30_000), 'huge_header'),
  token_in_query: ({ target: { text } }) => get({}, 'token_in_query', `/orders?access_token=${text}`),
  huge_body: () =>
    http.post(`${anyApi()}/orders`, 'x'.repeat(500_000), {
      headers: { authorization: `Bearer ${randomText(60)}`, 'content-type': 'application/json' },
      tags: { kind: 'hostile', hostile: 'huge_body', name: 'hostile huge_body' },
    }),
};

/** How a request may be refused; 431: the headers are too large for the server to read the token. */
export const REFUSALS: readonly number[] = [400, 401, 413, 431];
