import { type Disagreements, type Side, UnavailableError } from '@crossfade/core';
import { sidecarStatusSchema } from '@crossfade/core/status';
import { z } from 'zod';
import { displayUrl } from '../verb/http-json.ts';
import type { MeterReading, SideSighting } from './fleet.ts';
import { readSidecar, type SidecarAccess } from './read-sidecar.ts';

const { shape } = sidecarStatusSchema;
const { legacy, target } = shape.audiences.shape;
/** The fields that the CLI reads. Older sidecars lack the optional ones. */
const statusSchema = z.object({
  migration: shape.migration,
  issuance: shape.issuance.pick({ percent: true }),
  acceptance: shape.acceptance,
  shown: shape.shown.optional(),
  apiResponses: shape.apiResponses.optional(),
  disagreements: shape.disagreements.optional(),
  validUnauthorized: shape.validUnauthorized,
  lastValidUnauthorizedAt: shape.lastValidUnauthorizedAt.optional(),
  flags: shape.flags.pick({ revision: true, source: true, hash: true, stale: true }),
  audiences: z.object({
    legacy: legacy.pick({ lastSeenAt: true, latestIssuedAt: true, latestExpiryAt: true }),
    target: target.pick({ lastSeenAt: true }),
  }),
  openConnections: shape.openConnections,
  forwardedHeaders: shape.forwardedHeaders,
  upstream: shape.upstream,
  keys: shape.keys.optional(),
  startedAt: shape.startedAt,
  process: shape.process,
  lastUnavailableAt: shape.lastUnavailableAt.optional(),
  brownout: shape.brownout,
});
type Status = z.infer<typeof statusSchema>;

const countsSchema = z.object({
  audiences: z.record(z.string(), z.object({ accepted: z.number(), rejected: z.number() })),
  rejections: z.object({ brownout: z.number().optional() }).optional(),
});

/**
 * Reads the status of one sidecar from its admin port or metrics port.
 * @throws `UnavailableError` when it cannot be reached, is not a sidecar, or belongs to another migration.
 */
export async function readSidecarStatus(
  adminUrl: string,
  migration: string,
  nowMs: number,
  access: SidecarAccess,
): Promise<MeterReading> {
  const { body } = await readSidecar(adminUrl, '/status', access);
  const parsed = statusSchema.safeParse(body);
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => issue.path.join('.') || 'the document').join(', ');
    throw new UnavailableError(`did not return a sidecar status (${fields})`);
  }
  if (parsed.data.migration !== migration) throw new UnavailableError('belongs to another migration');
  return { ...toReading(displayUrl(adminUrl), parsed.data, nowMs), ...countsOf(body) };
}

/** Requests without a token count nowhere: a port scan sends them. Nor do those that a brownout refused on purpose. */
function countsOf(body: unknown): Pick<MeterReading, 'requests' | 'audiences'> {
  const parsed = countsSchema.safeParse(body);
  if (!parsed.success) return {};
  const entries = Object.entries(parsed.data.audiences);
  const classes = entries.filter(([name]) => name !== 'none');
  const sum = (of: 'accepted' | 'rejected') => classes.reduce((total, [, counts]) => total + counts[of], 0);
  const rejected = Math.max(0, sum('rejected') - (parsed.data.rejections?.brownout ?? 0));
  return {
    requests: { requests: sum('accepted') + rejected, rejected },
    audiences: Object.fromEntries(entries.map(([name, { accepted, rejected: refused }]) => [name, accepted + refused])),
  };
}

function toReading(meter: string, status: Status, nowMs: number): MeterReading {
  const { legacy, target } = status.audiences;
  return {
    evidence: {
      meter,
      // A token that could not be judged may have been legacy: the watch starts again after it.
      watchedSinceMs: Math.max(status.startedAt, status.lastUnavailableAt ?? 0),
      legacy: {
        lastSeenMs: legacy.lastSeenAt,
        latestIssuedMs: legacy.latestIssuedAt,
        latestExpiryMs: legacy.latestExpiryAt,
      },
      target: { lastSeenMs: target.lastSeenAt },
      lastValidUnauthorizedMs: lastValidUnauthorized(status, nowMs),
      disagreements: disagreementsOf(status.disagreements),
    },
    sides: { legacy: sideOf(status, 'legacy'), target: sideOf(status, 'target') },
    missingTargetKeys: missingTargetKeysOf(status),
    issuancePercent: status.issuance.percent,
    revision: status.flags.revision,
    flagsSource: status.flags.source ?? null,
    flagsHash: status.flags.hash ?? null,
    stale: status.flags.stale,
    validUnauthorized: status.validUnauthorized,
    openConnections: status.openConnections ?? null,
    forwardedHeaders: replacedHeadersOf(status),
    upstream: upstreamFailuresOf(status),
    ...(status.brownout && { brownout: brownoutOf(status.brownout) }),
    ...(status.process !== undefined && { process: status.process }),
  };
}

function brownoutOf({ refused, stopped }: NonNullable<Status['brownout']>): NonNullable<MeterReading['brownout']> {
  return { ...(refused !== undefined && { refused }), ...(stopped !== undefined && { stopped }) };
}

/** Before the first token an observing sidecar has asked for no keys: that is no fault. */
function missingTargetKeysOf({ keys = [] }: Status): string | null {
  const target = keys.find(({ side }) => side === 'target');
  if (target?.missing === undefined || target.refreshes.failure === 0) return null;
  return target.missing;
}

function replacedHeadersOf({ forwardedHeaders }: Status): MeterReading['forwardedHeaders'] {
  if (forwardedHeaders === undefined) return null;
  const { replaced, from } = forwardedHeaders;
  return { replaced, from };
}

function upstreamFailuresOf({ upstream }: Status): MeterReading['upstream'] {
  if (upstream === undefined || upstream.lastFailureAt === null) return null;
  return { failures: upstream.failures, lastMs: upstream.lastFailureAt, lastCode: upstream.lastCode ?? 'unknown' };
}

/** `null` for an older sidecar: what it does not report is unknown, not zero. */
function disagreementsOf(disagreements: Status['disagreements']): Disagreements | null {
  if (disagreements === undefined) return null;
  const { lastVerifiedAt, lastUnverifiedAt, reasons } = disagreements;
  return { lastVerifiedMs: lastVerifiedAt, lastUnverifiedMs: lastUnverifiedAt, reasons };
}

/** A sidecar without `apiResponses` is an older one: what its position says is all that is known. */
function sideOf({ acceptance, shown, apiResponses }: Status, side: Side): SideSighting {
  const commanded = shown?.[side] ?? undefined;
  if (apiResponses === undefined) {
    const position = side === 'legacy' ? acceptance !== 'target' : acceptance !== 'legacy';
    return { acceptedMs: null, unauthorizedMs: null, commanded: shown === undefined ? position : commanded };
  }
  const { acceptedAt, unauthorizedAt } = apiResponses[side];
  return { acceptedMs: acceptedAt, unauthorizedMs: unauthorizedAt, commanded };
}

/** Treats a count without a time as now: doubt never passes the gate. */
function lastValidUnauthorized(status: Status, nowMs: number): number | null {
  if (status.validUnauthorized === 0) return null;
  return status.lastValidUnauthorizedAt ?? nowMs;
}
