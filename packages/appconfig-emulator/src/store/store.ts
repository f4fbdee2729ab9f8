import type { Deployment } from '../deployment/deployment.ts';
import { type AccountSettings, createAccountSettings } from './account-settings.ts';
import type { Protectable } from './check-deletion.ts';
import type { Clock } from './clock.ts';
import { type DeploymentStrategy, PREDEFINED_STRATEGIES } from './deployment-strategy.ts';
import type { HostedVersion } from './hosted-version.ts';
import { createTags, type Tags } from './tags.ts';

export const FEATURE_FLAGS = 'AWS.AppConfig.FeatureFlags';
export const FREEFORM = 'AWS.Freeform';

export interface Monitor {
  readonly AlarmArn: string;
  readonly AlarmRoleArn?: string | undefined;
}

export interface Environment extends Protectable {
  readonly id: string;
  name: string;
  description?: string | undefined;
  monitors: readonly Monitor[];
  /** In the order of their numbers, which count from 1. */
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

export interface Application {
  readonly id: string;
  name: string;
  description?: string | undefined;
  readonly environments: Map<string, Environment>;
  readonly profiles: Map<string, ConfigurationProfile>;
}

/** All that the emulator remembers of the control plane. */
export interface Store {
  readonly now: Clock;
  /** An id of AWS's form, never given out before. */
  nextId(): string;
  readonly applications: Map<string, Application>;
  readonly strategies: Map<string, DeploymentStrategy>;
  readonly settings: AccountSettings;
  readonly tags: Tags;
}

export function createStore(now: Clock): Store {
  let count = 0;
  return {
    now,
    // Spread over the whole alphabet, so that nobody comes to rely on the order of ids: the factor is prime to 36^6.
    nextId() {
      count += 1;
      return `e${((count * 1_103_515_245) % 36 ** 6).toString(36).padStart(6, '0')}`;
    },
    applications: new Map(),
    strategies: new Map(PREDEFINED_STRATEGIES.map((strategy) => [strategy.id, strategy])),
    settings: createAccountSettings(),
    tags: createTags(),
  };
}
