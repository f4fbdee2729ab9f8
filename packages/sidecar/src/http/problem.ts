import type { ServerResponse } from 'node:http';
import { errorCode } from '@crossfade/core';
import type { HttpRejection } from '@crossfade/validator';
import { discardRest } from './request-body.ts';

/** A response of the proxy's own, as RFC 9457 problem details. */
export interface ProblemResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const BAD_TARGET = problem(400, 'Bad Request', 'The request target cannot be forwarded.');
export const BAD_HOST = problem(400, 'Bad Request', 'A request carries exactly one Host header.');
const BAD_REQUEST = problem(400, 'Bad Request', 'The request cannot be forwarded.');
const BAD_GATEWAY = problem(502, 'Bad Gateway', 'The API cannot be reached, or broke off.');
const NOT_IMPLEMENTED = problem(501, 'Not Implemented', 'The API speaks HTTP/2, which has no Upgrade.');
const GATEWAY_TIMEOUT = problem(504, 'Gateway Timeout', 'The API did not respond in time.');

export function problem(status: number, title: string, detail: string): ProblemResponse {
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    body: JSON.stringify({ type: 'about:blank', title, status, detail }),
  };
}

/** The code of an error: what an API sends in response to HTTP/1.1 is something else. */
export const NOT_HTTP1 = 'ERR_UPSTREAM_NOT_HTTP1';

/** What Node.js says of a request that it cannot write. */
const UNWRITABLE: ReadonlySet<string | undefined> = new Set([
  'ERR_UNESCAPED_CHARACTERS',
  'ERR_INVALID_HTTP_TOKEN',
  'ERR_INVALID_CHAR',
]);

/** What the client is told if the exchange with the API fails: the kind of failure, and no detail from inside. */
export function problemOf(error: Error): ProblemResponse {
  const code = errorCode(error);
  if (code === 'ETIMEDOUT') return GATEWAY_TIMEOUT;
  if (code === 'ERR_UPGRADE_NOT_SUPPORTED') return NOT_IMPLEMENTED;
  return UNWRITABLE.has(code) ? BAD_REQUEST : BAD_GATEWAY;
}

/**
 * Writes a response of our own, and lets the client finish sending a body that is no longer needed. Does nothing once
 * a response has begun.
 */
export function sendProblem(
  response: ServerResponse,
  { status, headers, body }: ProblemResponse | HttpRejection,
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
  discardRest(response.req);
}
