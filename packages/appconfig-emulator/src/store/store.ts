import type { Clock } from './clock.ts';
import { type DeploymentStrategy, PREDEFINED_STRATEGIES } from './deployment-strategy.ts';
import type { Growth } from './growth.ts';
import { createTags, type Tags } from './tags.ts';

export const FEATURE_FLAGS = 'AWS.AppConfig.FeatureFlags';
export const FREEFORM = 'AWS.Freeform';

/** What deletion protection reads of an environment or a configuration profile. */
export interface Protectable {
  readonly name: string;
  readonly createdAtMs: number;
  /** When `GetLatestConfiguration` last read it. */
  lastReadAtMs: number | null;
}

export interface Monitor {
  readonly AlarmArn: string;
  readonly AlarmRoleArn?: string | undefined;
}

export interface Environment extends Protectable {
  readonly id: string;
  name: string;
  description?: string | undefined;
  monitors: readonly Monitor[];
  /** Ordered by number, from 1. */
  readonly deployments: Deployment[];
}

export interface Validator {
  readonly Type: 'JSON_SCHEMA' | 'LAMBDA';
  readonly Content: string;
}

export interface ConfigurationProfile extends Protectable {
  readonly id: string;
  readonly type: string;
  readonly locationUri: string;
  name: string;
  description?: string | undefined;
  validators: readonly Validator[];
  latestVersionNumber: number;
  readonly versions: Map<number, HostedVersion>;
}

/** One version of a configuration in the hosted configuration store. It never changes. */
export interface HostedVersion {
  readonly number: number;
  readonly content: Buffer;
  readonly contentType: string;
  readonly description?: string | undefined;
  readonly label?: string | undefined;
}

export type TriggeredBy = 'USER' | 'APPCONFIG' | 'CLOUDWATCH_ALARM';

/** How a deployment was stopped or reverted. */
export interface DeploymentStop {
  readonly atMs: number;
  readonly triggeredBy: TriggeredBy;
  readonly outcome: 'ROLLED_BACK' | 'REVERTED';
}

/** A deployment as it was started; `deploymentProgress` derives its current state. */
export interface Deployment extends Growth {
  readonly number: number;
  readonly profileId: string;
  readonly strategyId: string;
  readonly configurationName: string;
  /** Kept by the deployment: deleting the version from its profile does not affect it. */
  readonly version: HostedVersion;
  readonly description?: string | undefined;
  readonly bakeMinutes: number;
  readonly startedAtMs: number;
  stop: DeploymentStop | null;
}

export interface Application {
  readonly id: string;
  name: string;
  description?: string | undefined;
  readonly environments: Map<string, Environment>;
  readonly profiles: Map<string, ConfigurationProfile>;
}

/** Settings of the whole account, in AWS's names. */
export interface AccountSettings {
  DeletionProtection: { readonly Enabled: boolean; readonly ProtectionPeriodInMinutes: number };
  /** Stored only: the emulator vends no metrics. */
  VendedMetrics?: { readonly Enabled: boolean };
}

/** All control plane state. */
export interface Store {
  readonly now: Clock;
  /** Returns a new, unique id in AWS's form. */
  nextId(): string;
  readonly applications: Map<string, Application>;
  readonly strategies: Map<string, DeploymentStrategy>;
  readonly settings: AccountSettings;
  readonly tags: Tags;
  /** The ARNs of the CloudWatch alarms that stay in ALARM. */
  readonly alarms: Set<string>;
}

export function createStore(now: Clock): Store {
  let count = 0;
  return {
    now,
    // Spread over the whole alphabet, so that clients cannot rely on the order of ids: the factor is coprime to 36^6.
    nextId() {
      count += 1;
      return `e${((count * 1_103_515_245) % 36 ** 6).toString(36).padStart(6, '0')}`;
    },
    applications: new Map(),
    strategies: new Map(PREDEFINED_STRATEGIES.map((strategy) => [strategy.id, strategy])),
    settings: { DeletionProtection: { Enabled: false, ProtectionPeriodInMinutes: 60 } },
    tags: createTags(),
    alarms: new Set(),
  };
}
