import { type MigrationPlan, type RejectionReason, UnavailableError } from '@crossfade/core';
import { METRICS } from '@crossfade/core/metrics';
import { sidecarStatusSchema } from '@crossfade/core/status';
import { z } from 'zod';
import { askEach, listSidecars } from '../fleet/list-sidecars.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import { readSidecar, type SidecarAccess } from '../fleet/read-sidecar.ts';
import { createPrometheusApi } from '../prometheus/prometheus-api.ts';
import { createPrometheusQuery, type PrometheusQuery } from '../prometheus/prometheus-query.ts';

type Counts = Readonly<Record<string, number>>;

/** The requests with a token that the plan refuses, by reason, since the sidecars started. */
export interface Refusals {
  readonly rejected: Counts;
  /** Those among them that the API took all the same. */
  readonly taken: Counts;
  /** Whether every sidecar could be asked, and saw its API take a valid token; otherwise nothing is known of what was taken. */
  readonly seesResponses: boolean;
}

const { shape } = sidecarStatusSchema;
const statusSchema = z.object({
  rejections: shape.rejections.catch({}),
  disagreements: z.object({ reasons: z.record(z.string(), z.number()) }).optional(),
  apiResponses: shape.apiResponses.optional(),
});

/** Reads what the sidecars counted, from Prometheus or from each one. `undefined` where none can be asked. */
export async function readRefusals(plan: MigrationPlan, access: SidecarAccess): Promise<Refusals | undefined> {
  try {
    if (plan.gate.prometheus !== undefined)
      return await fromPrometheus(
        createPrometheusQuery(createPrometheusApi(plan.gate.prometheus, access.signal)),
        plan.migration,
      );
    if (openFleet(plan, access) === undefined) return undefined;
    const read = await askEach(
      await listSidecars(plan, access),
      async (url) => readOne(url, access),
      () => undefined,
    );
    const told = read.filter((refusals) => refusals !== undefined);
    if (told.length === 0) return undefined;
    const all = told.reduce(merge);
    // What a silent one saw is unknown.
    return told.length < read.length ? { ...all, seesResponses: false } : all;
  } catch (error) {
    if (error instanceof UnavailableError) return undefined;
    throw error;
  }
}

async function fromPrometheus(query: PrometheusQuery, migration: string): Promise<Refusals> {
  const by = async (metric: string) => {
    const samples = await query(`sum by (reason) (${metric}{migration="${migration}"})`);
    return Object.fromEntries(samples.map(({ labels, value }) => [labels['reason'] ?? '', value]));
  };
  const own = `migration="${migration}"`;
  // The instance that has seen least decides; one that saw no token accepted has 0.
  const accepted = `${METRICS.apiResponse.name}{${own},response="accepted"}`;
  const each = `max by (job, instance) (${accepted} or 0 * ${METRICS.buildInfo.name}{${own}})`;
  const responses = await query(`min(${each})`);
  return {
    rejected: await by(METRICS.rejections.name),
    taken: await by(METRICS.disagreements.name),
    seesResponses: (responses[0]?.value ?? 0) > 0,
  };
}

async function readOne(url: string, access: SidecarAccess): Promise<Refusals | undefined> {
  try {
    const parsed = statusSchema.safeParse((await readSidecar(url, '/status', access)).body);
    if (!parsed.success) return undefined;
    const { rejections, disagreements, apiResponses } = parsed.data;
    const times = apiResponses === undefined ? [] : Object.values(apiResponses).map(({ acceptedAt }) => acceptedAt);
    return {
      rejected: rejections,
      taken: disagreements?.reasons ?? {},
      seesResponses: disagreements !== undefined && times.some((time) => time !== null),
    };
  } catch (error) {
    if (error instanceof UnavailableError) return undefined;
    throw error;
  }
}

function merge(one: Refusals, other: Refusals): Refusals {
  return {
    rejected: sum(one.rejected, other.rejected),
    taken: sum(one.taken, other.taken),
    seesResponses: one.seesResponses && other.seesResponses,
  };
}

function sum(one: Counts, other: Counts): Counts {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(names.map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)]));
}

/** How many requests were counted for any of these reasons. */
export function countOf(counts: Counts, reasons: readonly RejectionReason[]): number {
  return reasons.reduce((total, reason) => total + (counts[reason] ?? 0), 0);
}
