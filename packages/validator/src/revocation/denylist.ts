import { type AcceptedJudgement, ConfigError } from '@crossfade/core';
import { expected, schemaProblems } from '@crossfade/core/schema';
import { z } from 'zod';

/** Whether a token that is accepted otherwise was revoked. Throws or rejects where it cannot tell. */
export type IsRevoked = (judgement: AcceptedJudgement) => boolean | PromiseLike<boolean>;

/**
 * The claim by which a denylist finds tokens: one token by `jti` (RFC 7519 §4.1.7), those of one session by `sid`
 * (OpenID Connect Back-Channel Logout §2.1), those of one subject by `sub`. A token without the claim is on no such list.
 */
export type DenylistClaim = 'jti' | 'sid' | 'sub';

/** The tokens that a denylist has to refuse. Exactly one of `jti`, `sid` and `sub`: the claim that the list goes by. */
export interface Revocation {
  /** The `iss` of the tokens; every spelling, if the issuer has several. */
  readonly issuer: string | readonly string[];
  readonly jti?: string;
  readonly sid?: string;
  readonly sub?: string;
  /**
   * When the last of these tokens expires, in seconds since the epoch: the `exp` of one token, else now and the longest
   * lifetime of an access token. The entry ends five minutes later, because a clock tolerance may accept the token until
   * then.
   */
  readonly untilSeconds: number;
  /**
   * By `sid` and `sub`: tokens that were issued up to then are revoked, in seconds since the epoch; later ones are not, so
   * that the user can log in again. Set it ahead by as much as the issuer's clock may be. Default: now.
   */
  readonly revokedAtSeconds?: number;
}

/** Tokens that are refused before they expire. */
export interface Denylist {
  /** For the validator's option of this name. */
  readonly isRevoked: (judgement: AcceptedJudgement) => boolean | Promise<boolean>;
  /**
   * Refuses tokens from now on. Again for the same claim value: the later times count. A revocation whose tokens have
   * expired changes nothing.
   * @throws `TypeError` when the revocation is not a {@link Revocation} by the claim of this list.
   * @throws `UnavailableError` when it cannot be stored. It is then not in force.
   */
  revoke(revocation: Revocation): Promise<void>;
}

/** A revocation, checked: one entry of a denylist for each name of the issuer. */
export interface DenylistEntry {
  readonly names: readonly string[];
  readonly revokedAtSeconds: number;
  /** When the entry ends, in seconds since the epoch. */
  readonly endSeconds: number;
}

/** The widest clock tolerance: until then an expired token may still be accepted. */
const GRACE_SECONDS = 300;
/** Later than any expiry, and earlier than any time in milliseconds. */
const MAX_SECONDS = 1e11;
const CLAIMS: readonly DenylistClaim[] = ['jti', 'sid', 'sub'];
const BY = 'jti, sid or sub: the claim that the list goes by';

/** The claim that a list goes by, as a field of its options. */
export const denylistClaim = z.enum(CLAIMS, expected(BY));

/** Checks the options of a denylist. @throws `ConfigError` with every problem. */
export function checkDenylistOptions<T extends z.ZodType>(subject: string, schema: T, options: unknown): z.output<T> {
  const parsed = schema.safeParse(options);
  if (!parsed.success) throw new ConfigError(subject, schemaProblems(parsed.error, schema));
  return parsed.data;
}

/** Reads a revocation. @throws `TypeError` naming the member that is wrong, never its value. */
export function readRevocation(revocation: Revocation, by: DenylistClaim, nowSeconds: number): DenylistEntry {
  const { issuer, untilSeconds, revokedAtSeconds = Math.floor(nowSeconds) } = revocation;
  const value = revocation[by];
  const issuers = [issuer].flat();
  if (issuers.length === 0 || !issuers.every(isText)) throw new TypeError('issuer must be the iss of the tokens');
  if (!isText(value) || CLAIMS.some((claim) => claim !== by && revocation[claim] !== undefined)) {
    throw new TypeError(`a revocation must name ${by}, the claim that this denylist goes by, and no other`);
  }
  if (!isSeconds(untilSeconds)) throw new TypeError('untilSeconds must be in seconds since the epoch');
  if (!isSeconds(revokedAtSeconds)) throw new TypeError('revokedAtSeconds must be in seconds since the epoch');
  return {
    names: issuers.map((name) => entryName(name, value)),
    revokedAtSeconds,
    endSeconds: Math.ceil(untilSeconds) + GRACE_SECONDS,
  };
}

/** The name of the entry that a token would have; `undefined` for a token without the claim. */
export function entryNameOf({ claims }: AcceptedJudgement, by: DenylistClaim): string | undefined {
  const { iss, [by]: value } = claims;
  return isText(iss) && isText(value) ? entryName(iss, value) : undefined;
}

/** Whether an entry concerns a token: by `jti` always, else if the token was issued before, or does not say when. */
export function concerns(by: DenylistClaim, revokedAtSeconds: number, { issuedAt }: AcceptedJudgement): boolean {
  return by === 'jti' || issuedAt === undefined || issuedAt <= revokedAtSeconds;
}

/** The issuer comes first: what one of them says about a `sub` does not concern the other's. No issuer has a line feed. */
function entryName(issuer: string, value: string): string {
  return `${issuer}\n${value}`;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < MAX_SECONDS;
}
