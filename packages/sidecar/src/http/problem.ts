import type { ServerResponse } from 'node:http';
import type { HttpRejection } from '@crossfade/validator';
import { discardRest } from './request-body.ts';

/** An answer of the proxy's own, as RFC 9457 problem details. */
export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const BAD_TARGET = problem(400, 'Bad Request', 'The request target can not be forwarded.');
export const BAD_HOST = problem(400, 'Bad Request', 'A request carries exactly one Host header.');
export const BAD_REQUEST = problem(400, 'Bad Request', 'The request can not be forwarded.');
export const BAD_GATEWAY = problem(502, 'Bad Gateway', 'The API can not be reached, or broke off.');
export const GATEWAY_TIMEOUT = problem(504, 'Gateway Timeout', 'The API did not answer in time.');

function problem(status: number, title: string, detail: string): Problem {
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    body: JSON.stringify({ type: 'about:blank', title, status, detail }),
  };
}

/** Writes an answer of our own, and lets the client finish sending what nobody will read. Does nothing when one is on its way already. */
export function send(response: ServerResponse, { status, headers, body }: Problem | HttpRejection): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
  discardRest(response.req);
}
