import { formatInstant } from '@crossfade/core';
import { type SidecarStatus, sidecarStatusSchema } from '@crossfade/core/status';
import { z } from 'zod';
import type { InstanceShown } from '../page/fleet-state.ts';

/** One instance before it is compared with the others. */
export type InstanceReading = Omit<InstanceShown, 'isThis' | 'comparison' | 'api' | 'fault'> & {
  /** What its API accepts, by the one rule. */
  readonly shown: SidecarStatus['shown'];
  /** The id of the run that told; `null` if it does not tell one. */
  readonly process: string | null;
};

/** An instance that is known by name alone. */
export function unknownInstance(name: string, problem: string): InstanceReading {
  return {
    ...{ name, problem, pageUrl: null, toldAt: null, phase: null, percent: null, mix: null, mixSince: null },
    ...{ validUnauthorized: null, lastUnauthorizedAt: null, disagreements: null, lastDisagreementAt: null },
    ...{ flags: null, process: null, shown: { legacy: null, target: null } },
  };
}

const { shape } = sidecarStatusSchema;
const accepted = { accepted: true } as const;
const { legacy, target, bridge } = shape.audiences.shape;
/** The fields that the fleet view reads. Older sidecars lack the optional ones. */
const statusSchema = z.object({
  migration: shape.migration,
  phase: shape.phase,
  issuance: shape.issuance.pick({ percent: true }),
  shown: shape.shown.optional(),
  validUnauthorized: shape.validUnauthorized,
  lastValidUnauthorizedAt: shape.lastValidUnauthorizedAt.optional(),
  disagreements: shape.disagreements.optional(),
  flags: shape.flags,
  audiences: z.object({ legacy: legacy.pick(accepted), target: target.pick(accepted), bridge: bridge.pick(accepted) }),
  startedAt: shape.startedAt,
  process: shape.process,
});

export type InstanceStatus = z.output<typeof statusSchema>;

/** Reads the fields of a `/status`; `undefined` if it is none. */
export function parseInstanceStatus(body: unknown): InstanceStatus | undefined {
  const parsed = statusSchema.safeParse(body);
  return parsed.success ? parsed.data : undefined;
}

/** Where and when an instance was read. */
export interface ReadingPlace {
  readonly name: string;
  readonly pageUrl: string | null;
  readonly nowMs: number;
}

/** Returns what one instance told at `/status`, with its mix since the start of its process. */
export function readingOfStatus(status: InstanceStatus, { name, pageUrl, nowMs }: ReadingPlace): InstanceReading {
  const { phase, issuance, shown, validUnauthorized, lastValidUnauthorizedAt, disagreements, flags } = status;
  const reasons = disagreements && Object.values(disagreements.reasons);
  return {
    ...{ name, pageUrl, problem: null, toldAt: formatInstant(nowMs), phase, percent: issuance.percent },
    shown: shown ?? { legacy: null, target: null },
    mix: {
      legacy: status.audiences.legacy.accepted,
      target: status.audiences.target.accepted,
      bridge: status.audiences.bridge.accepted,
    },
    mixSince: formatInstant(status.startedAt),
    validUnauthorized,
    lastUnauthorizedAt: formatInstant(lastValidUnauthorizedAt ?? null),
    disagreements: reasons?.reduce((sum, count) => sum + count, 0) ?? null,
    lastDisagreementAt: formatInstant(
      newest([disagreements?.lastVerifiedAt ?? null, disagreements?.lastUnverifiedAt ?? null]),
    ),
    flags: {
      revision: flags.revision,
      source: flags.source ?? null,
      hash: flags.hash ?? null,
      ageSeconds: flags.ageSeconds,
      stale: flags.stale,
    },
    process: status.process ?? null,
  };
}

/** Returns the newest of times in ms; `null` for none. */
export function newest(times: readonly (number | null)[]): number | null {
  const known = times.filter((ms) => ms !== null);
  return known.length === 0 ? null : Math.max(...known);
}
