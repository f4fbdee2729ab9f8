import { createHash } from 'node:crypto';
import type { Clock } from '@crossfade/core';
import { z } from 'zod';
import type { PendingLogin } from '../../login/browser-login.ts';
import { openText, sealText } from '../../session/sealed-text.ts';
import { newSessionKey, sessionKey } from '../../session/session-key.ts';
import type { SessionStore } from '../../session/session-store.ts';
import type { Cookies } from './cookies.ts';

/** A login in progress, and where it leads. JSON. */
export interface PendingRecord {
  readonly pending: PendingLogin;
  /** A path of the application. */
  readonly returnTo: string;
  /** Whether the provider refused target, and this is the second try. */
  readonly isRetry?: boolean;
  /** Of a login without a page: a hash of the cookie of the session that it moves. */
  readonly silent?: { readonly session: string };
}

/** A pending login that no other request gets. */
export interface TakenLogin {
  readonly record: PendingRecord;
  /** The `Set-Cookie` line that removes its cookie. */
  readonly clear: string;
  /** Puts it back for as long as it had left: its code was not redeemed. */
  putBack(): Promise<void>;
}

/** The logins in progress: each in the store, sealed, for ten minutes and one use, with a cookie of its own. */
export interface PendingLogins {
  /** Keeps a login. Returns the `Set-Cookie` lines: its own, and those that remove the oldest beyond a handful. */
  add(request: Request, record: PendingRecord): Promise<readonly string[]>;
  /** Takes the login of a callback: `undefined` if this browser did not start it, or it was used, or is too old. */
  take(request: Request, state: string | null): Promise<TakenLogin | undefined>;
}

const LIFETIME_SECONDS = 600;
/** Further ones would make the request's headers too large for servers. */
const MAX_PENDING = 5;
const COOKIE = /^([\w-]{43})\.([0-9a-z]{1,10})$/;
const PURPOSE = 'login';

/** Tolerant: another release of the application may have written it. */
const recordSchema = z.looseObject({
  pending: z.looseObject({ issuer: z.string(), state: z.string(), codeVerifier: z.string() }),
  returnTo: z.string(),
});

/** Creates the logins in progress of an application. */
export function createPendingLogins(store: SessionStore, cookies: Cookies, now: Clock): PendingLogins {
  /** When a cookie was set, in ms; 0 for one that is not ours. */
  const startedAtMs = (request: Request, name: string): number =>
    Number.parseInt(COOKIE.exec(cookies.read(request, name) ?? '')?.[2] ?? '0', 36);

  return {
    async add(request, record) {
      const { cookie, ...key } = newSessionKey(PURPOSE);
      const stored = { sealed: sealText(JSON.stringify(record), key), version: PURPOSE };
      await store.create(key.storeKey, stored, LIFETIME_SECONDS * 1000);
      const older = cookies
        .names(request, 'login-')
        .map((name) => ({ name, atMs: startedAtMs(request, name) }))
        .sort((a, b) => b.atMs - a.atMs);
      return [
        cookies.set(cookieName(record.pending.state), `${cookie}.${Math.floor(now()).toString(36)}`, LIFETIME_SECONDS),
        ...older.slice(MAX_PENDING - 1).map(({ name }) => cookies.clear(name)),
      ];
    },
    async take(request, state) {
      if (state === null) return undefined;
      const name = cookieName(state);
      const [, secret = '', atText = '0'] = COOKIE.exec(cookies.read(request, name) ?? '') ?? [];
      const leftMs = Number.parseInt(atText, 36) + LIFETIME_SECONDS * 1000 - now();
      const key = sessionKey(secret, PURPOSE);
      if (key === undefined || leftMs <= 0) return undefined;
      const stored = await store.get(key.storeKey);
      // Of several requests with one cookie, one deletes it.
      if (stored === undefined || !(await store.delete(key.storeKey))) return undefined;
      const record = parseRecord(openText(stored.sealed, key));
      if (record === undefined) return undefined;
      return {
        record,
        clear: cookies.clear(name),
        putBack: () => store.create(key.storeKey, stored, Math.min(leftMs, LIFETIME_SECONDS * 1000)),
      };
    },
  };
}

/** Names the cookie of a login by its state, which comes back with the callback. A hash: states are secrets. */
function cookieName(state: string): string {
  return `login-${createHash('sha256').update(state).digest('base64url').slice(0, 16)}`;
}

function parseRecord(text: string | undefined): PendingRecord | undefined {
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  return recordSchema.safeParse(value).success ? (value as PendingRecord) : undefined;
}
