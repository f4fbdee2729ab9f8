import { type FlagSource, SIDES } from '@crossfade/core';
import { METRICS } from '@crossfade/core/metrics';
import type { Validator } from '../judge/validator.ts';
import type { KeyStatus } from '../keys/issuer-keys.ts';
import { enforcedAcceptance, type SeenKeys } from '../meter/seen-keys.ts';
import { by, one, seen } from './samples.ts';
import type { Series } from './series.ts';

export interface HealthParts {
  readonly flags: Pick<FlagSource, 'snapshot' | 'refreshes'>;
  readonly validator: Pick<Validator, 'acceptance' | 'keys'>;
  /** Whether this process rejects requests; only then it has an acceptance of its own to report. */
  readonly enforces: boolean;
  /** A process that enforces shows that it accepts a side once it had that side's keys. */
  readonly seenKeys: SeenKeys;
  readonly startedAtMs: number;
  readonly now: () => number;
  readonly version: string;
}

/** The positions of the switches, and the health of the flags and the keys. */
export function healthSeries(parts: HealthParts): readonly Series[] {
  const labels = { version: parts.version, node: process.version };
  return [
    ...switchSeries(parts),
    ...flagSeries(parts),
    ...keySeries(parts),
    { metric: METRICS.buildInfo, read: () => [{ labels, value: 1 }] },
  ];
}

function switchSeries({ flags, validator, enforces, seenKeys }: HealthParts): readonly Series[] {
  const issuance = {
    metric: METRICS.issuancePercent,
    read: () => one(flags.snapshot().document.issuance.percent),
  };
  if (!enforces) return [issuance];
  const accepts = {
    metric: METRICS.accepts,
    read() {
      const shown = enforcedAcceptance(validator.acceptance(), seenKeys);
      const known = SIDES.filter((side) => shown[side] !== null);
      return by('audience', known, (side) => Number(shown[side]));
    },
  };
  return [issuance, accepts];
}

function flagSeries({ flags, startedAtMs, now }: HealthParts): readonly Series[] {
  return [
    {
      metric: METRICS.flagsAge,
      read: () => one(flags.snapshot().ageSeconds ?? (now() - startedAtMs) / 1000),
    },
    {
      metric: METRICS.flagsRefresh,
      read() {
        const refreshes = flags.refreshes();
        return seen(by('result', METRICS.flagsRefresh.labels.result, (result) => refreshes[result]));
      },
    },
    {
      metric: METRICS.flagsInfo,
      read() {
        const { revision, source, hash } = flags.snapshot();
        return [{ labels: { revision: revision ?? '', source: source ?? '', hash: hash ?? '' }, value: 1 }];
      },
    },
  ];
}

function keySeries({ validator }: HealthParts): readonly Series[] {
  const { keysRefresh, keysAge } = METRICS;
  const refreshSamples = ({ side, refreshes }: KeyStatus) =>
    keysRefresh.labels.result.map((result) => ({ labels: { side, result }, value: refreshes[result] }));
  const ageSamples = ({ side, ageSeconds }: KeyStatus) =>
    ageSeconds === null ? [] : [{ labels: { side }, value: ageSeconds }];
  return [
    { metric: keysRefresh, read: () => seen(validator.keys().flatMap(refreshSamples)) },
    { metric: keysAge, read: () => validator.keys().flatMap(ageSamples) },
  ];
}
