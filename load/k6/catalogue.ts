import type { LabSetting } from '@crossfade/lab';

type Timing = NonNullable<LabSetting['timing']>;

export interface ScenarioDefinition {
  readonly summary: string;
  readonly seconds: number;
  /** Shorter ones cannot show what the scenario is for. */
  readonly fewestSeconds: number;
  readonly rate: number;
  readonly timing: Timing;
  /** Where each phase starts, as a share of the duration; the first one starts at 0. */
  readonly phases: Readonly<Record<string, number>>;
  /** The share of logins that ask for target when the load starts; absent: the load brings both sides itself. */
  readonly startsAtPercent?: number;
  readonly watchesMemory?: true;
}

const POLL = { pollIntervalSeconds: 1 };

/** The scenarios, with what they need of the lab. Each has a script of its name in `scenarios/`. */
export const SCENARIOS = {
  steady: {
    summary: 'tokens of both audiences at a constant rate',
    seconds: 30,
    fewestSeconds: 2,
    rate: 100,
    timing: { ...POLL, tokenLifetimeSeconds: 10 },
    phases: { steady: 0 },
  },
  ramp: {
    summary: 'the rate climbs to --rate, holds and falls',
    seconds: 60,
    fewestSeconds: 6,
    rate: 300,
    timing: { ...POLL, tokenLifetimeSeconds: 10 },
    phases: { climb: 0, hold: 0.6, fall: 0.85 },
  },
  rollback: {
    summary: 'half of the logins ask for target; the operator rolls back meanwhile',
    seconds: 45,
    fewestSeconds: 12,
    rate: 100,
    timing: { ...POLL, tokenLifetimeSeconds: 5 },
    phases: { before: 0, rollback: 0.35, after: 0.7 },
    startsAtPercent: 50,
  },
  close: {
    summary: 'legacy tokens drain, the gate passes, the operator closes',
    seconds: 60,
    fewestSeconds: 24,
    rate: 100,
    timing: { ...POLL, tokenLifetimeSeconds: 4, sessionLifetimeSeconds: 1, silenceSeconds: 2 },
    phases: { both: 0, drain: 0.2, closed: 0.75 },
    startsAtPercent: 50,
  },
  hostile: {
    summary: 'valid requests alone, then together with forged, expired, foreign, huge and slow ones',
    seconds: 60,
    fewestSeconds: 16,
    rate: 100,
    timing: { ...POLL, tokenLifetimeSeconds: 4 },
    phases: { alone: 0, attacked: 0.5 },
  },
  soak: {
    summary: 'as steady, for long; memory of the sidecars and the APIs must stay bounded',
    seconds: 1800,
    fewestSeconds: 60,
    rate: 60,
    timing: { ...POLL, tokenLifetimeSeconds: 60 },
    phases: { steady: 0 },
    watchesMemory: true,
  },
} as const satisfies Readonly<Record<string, ScenarioDefinition>>;

export type ScenarioName = keyof typeof SCENARIOS;

export function isScenario(name: string): name is ScenarioName {
  return Object.hasOwn(SCENARIOS, name);
}
