import { type Clock, UnavailableError } from '@crossfade/core';
import { customOption, expected } from '@crossfade/core/schema';
import { z } from 'zod';
import {
  checkDenylistOptions,
  concerns,
  type Denylist,
  type DenylistClaim,
  denylistClaim,
  entryNameOf,
  readRevocation,
} from './denylist.ts';

/** Options of {@link createMemoryDenylist}. */
export interface MemoryDenylistOptions {
  /** The claim that the list goes by. */
  readonly by: DenylistClaim;
  /** Entries held at a time. Default: 500,000. */
  readonly maxEntries?: number;
  /** Default: `Date.now`. */
  readonly now?: Clock;
}

const MAX_ENTRIES = 'a whole number of entries above 0';
const optionsSchema = z.strictObject(
  {
    by: denylistClaim,
    maxEntries: z.int(expected(MAX_ENTRIES)).min(1, expected(MAX_ENTRIES)).default(500_000),
    now: customOption<Clock>((value) => typeof value === 'function', 'a function that returns milliseconds').default(
      () => Date.now,
    ),
  },
  expected('an object with by'),
);

interface Entry {
  readonly revokedAtSeconds: number;
  readonly endSeconds: number;
}

const RETRY_AFTER_SECONDS = 60;
/** Fewer entries are not worth a sweep. */
const MIN_SWEEP = 1024;

/**
 * Creates a denylist in the memory of this process, which answers at once. It keeps an entry until its tokens have
 * expired. When full, it rejects new ones with `UnavailableError`, because evicting one would accept a revoked token.
 * Every instance of an API has to be told of a revocation, and a new process starts with an empty list: for several
 * instances use that of `@crossfade/validator/redis`.
 *
 * @throws {@link ConfigError} with every problem of the options.
 * @example
 * const denylist = createMemoryDenylist({ by: 'jti' });
 * const validator = createValidator({ ...options, isRevoked: denylist.isRevoked });
 * await denylist.revoke({ issuer: 'https://idp.example.com', jti, untilSeconds: exp });
 */
export function createMemoryDenylist(options: MemoryDenylistOptions): Denylist {
  const { by, maxEntries, now } = checkDenylistOptions('denylist in memory', optionsSchema, options);
  const entries = new Map<string, Entry>();
  let sweepAt = Math.min(MIN_SWEEP, maxEntries);

  function sweep(nowSeconds: number): void {
    for (const [name, { endSeconds }] of entries) if (endSeconds <= nowSeconds) entries.delete(name);
    // After twice as many, so that a sweep costs each new entry about one look at an old one.
    sweepAt = Math.min(Math.max(MIN_SWEEP, entries.size * 2), maxEntries);
  }

  function add(name: string, { revokedAtSeconds, endSeconds }: Entry): void {
    const known = entries.get(name);
    entries.set(name, {
      revokedAtSeconds: Math.max(revokedAtSeconds, known?.revokedAtSeconds ?? 0),
      endSeconds: Math.max(endSeconds, known?.endSeconds ?? 0),
    });
  }

  return {
    isRevoked(judgement) {
      const name = entryNameOf(judgement, by);
      const entry = name === undefined ? undefined : entries.get(name);
      if (entry === undefined || entry.endSeconds <= now() / 1000) return false;
      return concerns(by, entry.revokedAtSeconds, judgement);
    },
    async revoke(revocation) {
      const nowSeconds = now() / 1000;
      const entry = readRevocation(revocation, by, nowSeconds);
      if (entry.endSeconds <= nowSeconds) return;
      if (entries.size >= sweepAt) sweep(nowSeconds);
      const added = entry.names.filter((name) => !entries.has(name)).length;
      if (entries.size + added > maxEntries) throw full();
      for (const name of entry.names) add(name, entry);
    },
  };
}

function full(): UnavailableError {
  return new UnavailableError('the denylist is full', {
    dependency: 'revocation',
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}
