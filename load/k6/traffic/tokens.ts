import { fail } from 'k6';
import encoding from 'k6/encoding';
import exec from 'k6/execution';
import http from 'k6/http';
import { Rate } from 'k6/metrics';
import { CLIENT_ID, CLIENT_SECRET, OPERATOR, REQUESTED, TOKEN_ENDPOINT } from './settings.ts';

export type Side = 'legacy' | 'target';
/** What a token can be requested for: a side, or another API of the same identity provider. */
type Requested = keyof typeof REQUESTED;

export interface Token<S extends Requested = Side> {
  readonly side: S;
  readonly text: string;
  readonly expiresAtMs: number;
}

const mintFailed = new Rate('mint_failed');

/** The token of a virtual user is replaced this long before it expires. */
const RENEWAL_MARGIN_MS = 1500;

/** Requests a new token from the identity provider: client credentials, RFC 6749 §4.4. */
export function mint(requested: Requested): { readonly text: string; readonly expiresAtMs: number } {
  const body = { grant_type: 'client_credentials', ...REQUESTED[requested] };
  const basic = encoding.b64encode(`${CLIENT_ID}:${CLIENT_SECRET}`);
  const sentAtMs = Date.now();
  const response = http.post(TOKEN_ENDPOINT, body, {
    headers: { authorization: `Basic ${basic}` },
    tags: { kind: 'mint' },
  });
  mintFailed.add(response.status !== 200);
  if (response.status !== 200) fail(`the identity provider must mint a token, but its status is ${response.status}`);
  return {
    text: String(response.json('access_token')),
    expiresAtMs: sentAtMs + Number(response.json('expires_in')) * 1000,
  };
}

/** Each virtual user has a copy of this module. */
const cached = new Map<string, Token<Requested>>();

/** Returns the token of this virtual user for one side, and mints a new one before it expires. */
export function tokenOf<S extends Requested>(side: S): Token<S> {
  return current(side, () => side);
}

/** Like {@link tokenOf}, but asks the selector at each renewal which side to ask for, as a login or a refresh does. */
export function selectedToken(): Token {
  return current('selected', () => {
    const key = `vu-${exec.vu.idInTest}`;
    return String(http.get(`${OPERATOR}/side?key=${key}`, { tags: { kind: 'operator' } }).body) as Side;
  });
}

function current<S extends Requested>(slot: string, choose: () => S): Token<S> {
  const held = cached.get(slot);
  if (held !== undefined && Date.now() < held.expiresAtMs - RENEWAL_MARGIN_MS) return held as Token<S>;
  const side = choose();
  const token = { side, ...mint(side) };
  cached.set(slot, token);
  return token;
}
