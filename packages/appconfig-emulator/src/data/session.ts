import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** One data plane session: what the client asked for, and what it has received. */
export interface Session {
  readonly id: number;
  readonly applicationId: string;
  readonly environmentId: string;
  readonly profileId: string;
  readonly intervalSeconds: number;
  /** The client's position in gradual deployments, 0 <= bucket < 100; constant for the session. */
  readonly bucket: number;
  /** How many tokens were issued. Only the last one is valid. */
  tokens: number;
  tokenIssuedAtMs: number;
  deliveredVersion: number | null;
}

/** Why a token is rejected, in the API's words. */
export type TokenProblem = 'Corrupted' | 'Expired' | 'PollIntervalNotSatisfied';

export type TokenCheck = { readonly session: Session } | { readonly problem: TokenProblem };

export interface Sessions {
  start(place: Omit<Session, 'id' | 'bucket' | 'tokens' | 'tokenIssuedAtMs' | 'deliveredVersion'>): string;
  /** Checks a token. It stays valid until {@link Sessions.next} is called for its session. */
  open(token: string): TokenCheck;
  /** Spends the session's token and returns the next one. */
  next(session: Session): string;
  /** Drops every session: their tokens are `Corrupted` from now on. */
  drop(): void;
}

const TOKEN_LIFETIME_MS = 24 * 3_600_000;
/** Timers may fire some milliseconds early; a client that waited for one must not be rejected. */
const TIMER_SLACK_MS = 20;

export function createSessions(now: () => number): Sessions {
  let secret = randomBytes(32);
  let count = 0;
  const sessions = new Map<number, Session>();

  function issue(session: Session): string {
    session.tokens += 1;
    session.tokenIssuedAtMs = now();
    return sign(secret, session.id, session.tokens);
  }

  return {
    start(place) {
      for (const old of sessions.values()) if (isExpired(old, now())) sessions.delete(old.id);
      count += 1;
      const session: Session = {
        ...place,
        id: count,
        bucket: bucketOf(count),
        tokens: 0,
        tokenIssuedAtMs: 0,
        deliveredVersion: null,
      };
      sessions.set(session.id, session);
      return issue(session);
    },
    open(token) {
      const read = verify(secret, token);
      if (read === undefined) return { problem: 'Corrupted' };
      const session = sessions.get(read.session);
      if (session === undefined || read.token !== session.tokens || isExpired(session, now()))
        return { problem: 'Expired' };
      const waitedMs = now() - session.tokenIssuedAtMs;
      const isFirst = session.tokens === 1;
      if (!isFirst && waitedMs < session.intervalSeconds * 1000 - TIMER_SLACK_MS)
        return { problem: 'PollIntervalNotSatisfied' };
      return { session };
    },
    next: issue,
    drop() {
      secret = randomBytes(32);
      sessions.clear();
    },
  };
}

function isExpired({ tokenIssuedAtMs }: Session, nowMs: number): boolean {
  return nowMs - tokenIssuedAtMs > TOKEN_LIFETIME_MS;
}

function bucketOf(session: number): number {
  return (createHash('sha256').update(`session:${session}`).digest().readUInt32BE() / 2 ** 32) * 100;
}

/**
 * Standard base64 with padding, as long as AWS's tokens: a client that fails to URL-encode or truncates it must notice.
 */
function sign(secret: Buffer, session: number, token: number): string {
  const payload = Buffer.alloc(16);
  payload.writeBigUInt64BE(BigInt(session), 0);
  payload.writeBigUInt64BE(BigInt(token), 8);
  return Buffer.concat([payload, mac(secret, payload)]).toString('base64');
}

function verify(secret: Buffer, token: string): { readonly session: number; readonly token: number } | undefined {
  const bytes = Buffer.from(token, 'base64');
  if (bytes.length !== 16 + 256) return undefined;
  const payload = bytes.subarray(0, 16);
  if (!timingSafeEqual(mac(secret, payload), bytes.subarray(16))) return undefined;
  return { session: Number(payload.readBigUInt64BE(0)), token: Number(payload.readBigUInt64BE(8)) };
}

function mac(secret: Buffer, payload: Buffer): Buffer {
  const blocks = Array.from({ length: 8 }, (_, block) =>
    createHmac('sha256', secret).update(payload).update(Buffer.of(block)).digest(),
  );
  return Buffer.concat(blocks);
}
