import { UnavailableError } from '@crossfade/core';
import { z } from 'zod';
import { displayUrl, getJson } from '../verb/http-json.ts';
import type { MeterReading } from './fleet.ts';

const time = z.iso.datetime({ offset: true }).transform((iso) => Date.parse(iso));
const seen = z.object({
  lastSeenAt: time.nullable(),
  latestIssuedAt: time.nullable(),
  latestExpiryAt: time.nullable(),
});
const statusSchema = z.object({
  migration: z.string(),
  issuance: z.object({ percent: z.number() }),
  acceptance: z.enum(['legacy', 'both', 'target']),
  shown: z.object({ legacy: z.boolean().nullable(), target: z.boolean().nullable() }).optional(),
  validUnauthorized: z.number(),
  lastValidUnauthorizedAt: time.nullable().optional(),
  flags: z.object({ revision: z.string().nullable(), stale: z.boolean() }),
  audiences: z.object({ legacy: seen, target: z.object({ lastSeenAt: time.nullable() }) }),
  startedAt: time,
  lastUnavailableAt: time.nullable().optional(),
});
type Status = z.infer<typeof statusSchema>;

/**
 * Asks one sidecar's admin port what it has seen.
 * @throws `UnavailableError` when it can't be reached, is no sidecar, or belongs to another migration.
 */
export async function readSidecarStatus(
  adminUrl: string,
  migration: string,
  nowMs: number,
  signal: AbortSignal,
): Promise<MeterReading> {
  const { body } = await getJson(`${adminUrl.replace(/\/$/, '')}/status`, signal);
  const parsed = statusSchema.safeParse(body);
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => issue.path.join('.') || 'the document').join(', ');
    throw new UnavailableError(`answered no sidecar status (${fields})`);
  }
  if (parsed.data.migration !== migration) throw new UnavailableError('belongs to another migration');
  return toReading(displayUrl(adminUrl), parsed.data, nowMs);
}

function toReading(meter: string, status: Status, nowMs: number): MeterReading {
  const { legacy, target } = status.audiences;
  return {
    evidence: {
      meter,
      // What could not be judged may have been legacy: there the watch has a gap.
      watchedSinceMs: Math.max(status.startedAt, status.lastUnavailableAt ?? 0),
      legacy: {
        lastSeenMs: legacy.lastSeenAt,
        latestIssuedMs: legacy.latestIssuedAt,
        latestExpiryMs: legacy.latestExpiryAt,
      },
      target: { lastSeenMs: target.lastSeenAt },
      lastValidUnauthorizedMs: lastValidUnauthorized(status, nowMs),
    },
    accepts: acceptsOf(status),
    issuancePercent: status.issuance.percent,
    revision: status.flags.revision,
    stale: status.flags.stale,
    validUnauthorized: status.validUnauthorized,
  };
}

/**
 * Nobody may be sent to the target audience on a guess: target counts only where the API's answers show it. Legacy is
 * what an API accepts unless something says otherwise.
 */
function acceptsOf({ acceptance, shown }: Status): MeterReading['accepts'] {
  return {
    legacy: shown?.legacy ?? acceptance !== 'target',
    target: shown === undefined ? acceptance !== 'legacy' : shown.target === true,
  };
}

/** A sidecar that counts but does not say when is taken to mean now: doubt never passes the gate. */
function lastValidUnauthorized(status: Status, nowMs: number): number | null {
  if (status.validUnauthorized === 0) return null;
  return status.lastValidUnauthorizedAt ?? nowMs;
}
