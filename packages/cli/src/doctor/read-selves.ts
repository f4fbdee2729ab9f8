import { type Clock, type MigrationPlan, UnavailableError } from '@crossfade/core';
import { METRICS } from '@crossfade/core/metrics';
import { sidecarStatusSchema } from '@crossfade/core/status';
import { z } from 'zod';
import { askEach, listSidecars } from '../fleet/list-sidecars.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import { readSidecar, type SidecarAccess } from '../fleet/read-sidecar.ts';
import { createPrometheusApi } from '../prometheus/prometheus-api.ts';
import { createPrometheusQuery } from '../prometheus/prometheus-query.ts';
import { displayUrl } from '../verb/http-json.ts';

const { shape } = sidecarStatusSchema;
const selfSchema = z.object({
  version: shape.version,
  plan: shape.plan,
  process: shape.process,
  foreignAudiences: shape.foreignAudiences,
});

/** What a sidecar says of itself; `null` where it does not tell. */
export interface SidecarSelf {
  readonly meter: string;
  readonly version: string | null;
  /** The hash of what its plan says of tokens. */
  readonly plan: string | null;
  /** The id of its run. */
  readonly process: string | null;
  /** Its clock when it responded, less this one, in ms. */
  readonly clockAheadMs: number | null;
  /** How many accepted requests had a token that names another audience beside ours. */
  readonly forOthers: number | null;
}

interface SelfTools extends SidecarAccess {
  readonly now: Clock;
}

/**
 * Asks every sidecar what it is: by its status, or where Prometheus knows them and no read token is set, by its metrics, which
 * tell the version alone. One that cannot be asked is left out: the meters report it.
 */
export async function readSelves(plan: MigrationPlan, access: SelfTools): Promise<readonly SidecarSelf[]> {
  try {
    if (plan.gate.prometheus === undefined)
      return openFleet(plan, access) === undefined ? [] : await askAll(await listSidecars(plan, access), access);
    const query = createPrometheusQuery(createPrometheusApi(plan.gate.prometheus, access.signal));
    const known = (await query(`${METRICS.buildInfo.name}{migration="${plan.migration}"}`)).map(({ labels }) => ({
      meter: labels['instance'] ?? 'an instance without a label',
      version: labels['version'] ?? null,
      plan: null,
      process: null,
      clockAheadMs: null,
      forOthers: null,
    }));
    if (!access.env['CROSSFADE_READ_TOKEN']) return known;
    const told = await askAll(await listSidecars(plan, access), access);
    return known.map((self) => told.find(({ meter }) => new URL(meter).host === self.meter) ?? self);
  } catch (error) {
    if (error instanceof UnavailableError) return [];
    throw error;
  }
}

async function askAll(urls: readonly string[], access: SelfTools): Promise<readonly SidecarSelf[]> {
  const selves = await askEach(
    urls,
    async (url) => askOne(url, access),
    () => undefined,
  );
  return selves.filter((self) => self !== undefined);
}

async function askOne(url: string, access: SelfTools): Promise<SidecarSelf | undefined> {
  try {
    const { body, dateMs } = await readSidecar(url, '/status', access);
    const parsed = selfSchema.safeParse(body);
    if (!parsed.success) return undefined;
    const { version, plan = null, process = null, foreignAudiences } = parsed.data;
    const forOthers = foreignAudiences?.requests ?? null;
    const clockAheadMs = dateMs === null ? null : dateMs - access.now();
    return { meter: displayUrl(url), version, plan, process, clockAheadMs, forOthers };
  } catch (error) {
    if (error instanceof UnavailableError) return undefined;
    throw error;
  }
}
