import { createHash } from 'node:crypto';
import { canonicalPlan, formatDuration, type MigrationPlan } from '@crossfade/core';
import { type Finding, pass, unknown, warn } from './finding.ts';
import type { SidecarSelf } from './read-selves.ts';

/** A `Date` header has whole seconds, and its response took a while to arrive. */
const DATE_GRAIN_MS = 2000;

interface SidecarFrame {
  readonly plan: MigrationPlan;
  /** The version of this program. */
  readonly version: string;
}

/** Checks that sidecars and this program are of one release, that the sidecars judge by the plan read here, their clocks, and relays. */
export function examineSidecars(selves: readonly SidecarSelf[], frame: SidecarFrame): readonly Finding[] {
  if (selves.length === 0) return [];
  return [
    ...examineVersions(selves, frame.version),
    ...examinePlans(selves, frame.plan),
    ...examineClocks(selves, frame),
    examineRelays(selves),
  ];
}

function examineVersions(selves: readonly SidecarSelf[], version: string): readonly Finding[] {
  const other = selves.filter((self) => self.version !== null && self.version !== version);
  const silent = selves.filter((self) => self.version === null);
  const remedy = 'bring sidecars and CLI to one release: one apart works in every pairing, two are not tested';
  return [
    ...other.map(({ meter, version: own }) => warn('versions', `${meter} is ${own}, and this CLI ${version}`, remedy)),
    ...silent.map(({ meter }) => unknown('versions', `${meter} does not tell its version`, remedy)),
    ...(other.length + silent.length === 0 ? [pass('versions', `${counted(selves)} and this CLI are ${version}`)] : []),
  ];
}

function examinePlans(selves: readonly SidecarSelf[], plan: MigrationPlan): readonly Finding[] {
  const expected = createHash('sha256').update(canonicalPlan(plan)).digest('hex').slice(0, 12);
  const other = selves.filter((self) => self.plan !== null && self.plan !== expected);
  const silent = selves.filter((self) => self.plan === null);
  const findings: Finding[] = other.map(({ meter, plan: own }) =>
    warn(
      'plans',
      `${meter} judges by another plan (${own}) than the one read here (${expected})`,
      'give every sidecar and API the same issuers, audiences, lifetimes, clients and clockTolerance; start it again after a change',
    ),
  );
  if (silent.length > 0)
    findings.push(
      unknown(
        'plans',
        `which plan ${silent.map(({ meter }) => meter).join(', ')} judges by is not told`,
        'a sidecar: set CROSSFADE_READ_TOKEN, so that /status can be read, or bring it to this release; an API that counts by itself has no /status: compare its plan by hand',
      ),
    );
  return findings.length > 0
    ? findings
    : [pass('plans', `the plan of ${counted(selves)} is the one read here (${expected})`)];
}

function examineClocks(
  selves: readonly SidecarSelf[],
  { plan: { clockToleranceMs } }: SidecarFrame,
): readonly Finding[] {
  const told = selves.flatMap(({ meter, clockAheadMs }) =>
    clockAheadMs === null ? [] : [{ meter, skewMs: Math.abs(clockAheadMs) }],
  );
  const off = told.filter(({ skewMs }) => skewMs > clockToleranceMs + DATE_GRAIN_MS);
  if (off.length > 0)
    return off.map(({ meter, skewMs }) =>
      warn(
        'clock',
        `this clock and the one of ${meter} differ by about ${formatDuration(skewMs)}; the plan tolerates ${formatDuration(clockToleranceMs)}`,
        'synchronise the clocks: a sidecar that is as far off judges fresh tokens wrongly',
      ),
    );
  return told.length === 0 ? [] : [pass('clock', `this clock agrees with those of the sidecars (${told.length})`)];
}

/** A sidecar in front of an API does not see what the API sends on; only tokens for several APIs give a hint. */
function examineRelays(selves: readonly SidecarSelf[]): Finding {
  const requests = selves.reduce((sum, { forOthers }) => sum + (forOthers ?? 0), 0);
  const exchange = 'have the API exchange its token for one of the API that it calls (RFC 8693)';
  if (requests > 0)
    return warn(
      'relay',
      `${requests} accepted requests had a token that names another API beside this one: this API may pass it on`,
      `see foreignAudiences of /status, and that target tokens name that API, too; or ${exchange}`,
    );
  return unknown(
    'relay',
    "whether an API passes its caller's token on to another API cannot be seen in front of it",
    `search the API for calls that copy Authorization: the other API must take target tokens first; or ${exchange}`,
  );
}

function counted({ length }: readonly unknown[]): string {
  return length === 1 ? '1 sidecar' : `${length} sidecars`;
}
