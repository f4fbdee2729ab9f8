import { createHash, timingSafeEqual } from 'node:crypto';
import { ConfigError } from '@crossfade/core';

const VARIABLE = 'CROSSFADE_SIDECAR_READ_TOKEN';
/** `b64token` of RFC 6750 §2.1: what a Bearer header can carry. */
const TOKEN = /^[A-Za-z0-9\-._~+/]{16,}=*$/;
const EXPECTED =
  'must be a secret of 16 characters or more, of A-Z, a-z, 0-9 and -._~+/ (such as from: openssl rand -hex 32); unset it to keep /status, /stragglers and /census off the metrics port';

/**
 * Reads the token that opens `/status`, `/stragglers` and `/census` of the metrics port; `undefined` when none is set.
 * @throws {@link ConfigError} when it is empty, too short to resist guessing, or no header can carry it.
 */
export function readToken(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const token = environment[VARIABLE];
  if (token === undefined || TOKEN.test(token)) return token;
  throw new ConfigError('environment', [{ path: VARIABLE, message: EXPECTED }]);
}

/** Tells whether an `Authorization` header carries the token, in a time that depends on neither of them. */
export function createTokenCheck(token: string): (authorization: string | undefined) => boolean {
  const expected = digest(token);
  return (authorization) => {
    const [, presented] = /^Bearer +([^ ]+) *$/i.exec(authorization ?? '') ?? [];
    return presented !== undefined && timingSafeEqual(digest(presented), expected);
  };
}

/** Of one length, whatever the length of the text: a comparison of digests gives away neither. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
