import http from 'k6/http';
import { Rate } from 'k6/metrics';
import { APIS } from './settings.ts';
import type { Token } from './tokens.ts';

/** Of the requests with a valid token: 401 or 403, the number that must stay 0. */
const rejected = new Rate('valid_rejected');
/** Of the requests with a valid token: another failure, such as a 5xx or no response. */
const failed = new Rate('valid_failed');

export function anyApi(): string {
  return APIS[Math.floor(Math.random() * APIS.length)] ?? '';
}

/** Requests orders with a valid token, and counts what the API makes of it. */
export function order(token: Token, phase: string): void {
  const tags = { kind: 'order', phase, side: token.side };
  const { status } = http.get(`${anyApi()}/orders`, {
    headers: { authorization: `Bearer ${token.text}` },
    tags: { ...tags, name: 'GET /orders' },
  });
  const isRejected = status === 401 || status === 403;
  rejected.add(isRejected, { phase, side: token.side });
  failed.add(!isRejected && status !== 200, { phase, side: token.side });
}
