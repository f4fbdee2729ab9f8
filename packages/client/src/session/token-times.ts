import type { SessionToken } from '../login/browser-login.ts';

/** The earliest and the latest share of its lifetime at which a token is renewed. */
const EARLIEST = 0.6;
const LATEST = 0.8;
/** A token that lives twice as long or longer is renewed at least this long before its end. */
const MARGIN_MS = 60_000;

export function isValid({ expiresAt }: SessionToken, nowMs: number): boolean {
  return nowMs < expiresAt * 1000;
}

/**
 * When a token is renewed: spread, so that sessions of one moment are not renewed at one moment.
 * @param version of the session: all instances spread it alike.
 */
export function renewAtMs({ requestedAt, expiresAt }: SessionToken, version: string): number {
  const lifetimeMs = (expiresAt - requestedAt) * 1000;
  const share = EARLIEST + (LATEST - EARLIEST) * fraction(version);
  const latestMs = lifetimeMs >= 2 * MARGIN_MS ? lifetimeMs - MARGIN_MS : lifetimeMs;
  return requestedAt * 1000 + Math.min(lifetimeMs * share, latestMs);
}

/** A number from 0 to 1 of a random text in base64url. */
function fraction(version: string): number {
  const bytes = Buffer.from(version.slice(0, 4), 'base64url');
  return bytes.length < 3 ? 0.5 : bytes.readUIntBE(0, 3) / 0xff_ff_ff;
}
