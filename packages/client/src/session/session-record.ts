import { MINTED_SIDES, SIDES } from '@crossfade/core';
import { z } from 'zod';
import type { LoginSession } from '../login/browser-login.ts';

/** A session, and what its lifetime needs. JSON. */
export interface SessionRecord {
  readonly session: LoginSession;
  readonly createdAtMs: number;
  /** When it was last used, give or take a tenth of the idle lifetime. */
  readonly touchedAtMs: number;
  /** When a valid token was last replaced because an API refused it. */
  readonly forcedAtMs?: number;
}

const side = z.enum(SIDES);
const mintedSide = z.enum(MINTED_SIDES);
const sides = { side, sides: z.record(z.string(), side).optional() };
const revision = z.string().nullable();

/**
 * What may be read as a session. Tolerant: a record of another release has more members or fewer, and ending sessions at
 * each update is what it must not do.
 */
const recordSchema = z.looseObject({
  session: z.looseObject({
    issuer: z.string(),
    selection: z.looseObject({
      ...sides,
      reason: z.string(),
      revision,
      key: z.string().optional(),
      forced: side.optional(),
    }),
    token: z.looseObject({
      accessToken: z.string(),
      requestedAt: z.number(),
      expiresAt: z.number(),
      scope: z.string(),
      asked: z.looseObject(sides),
      side: mintedSide,
      sides: z.record(z.string(), mintedSide).optional(),
      revision,
    }),
    refreshToken: z.string().optional(),
    isRotated: z.boolean().optional(),
    idToken: z.string().optional(),
    subject: z.string().optional(),
    sid: z.string().optional(),
    moveRefusedAt: revision.optional(),
    dpopKey: z.record(z.string(), z.unknown()).optional(),
  }),
  createdAtMs: z.number(),
  touchedAtMs: z.number(),
  forcedAtMs: z.number().optional(),
});

/** Returns `undefined` for a text that is no session. */
export function parseRecord(text: string): SessionRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  // As it was written: members that this release does not know stay.
  return recordSchema.safeParse(value).success ? (value as SessionRecord) : undefined;
}
