import type { Growth } from './growth.ts';

export interface DeploymentStrategy extends Growth {
  readonly id: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly bakeMinutes: number;
  readonly replicateTo: 'NONE' | 'SSM_DOCUMENT';
}

/**
 * The predefined strategies of every account.
 * @see https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-creating-deployment-strategy-predefined.html
 */
export const PREDEFINED_STRATEGIES: readonly DeploymentStrategy[] = [
  predefined('AppConfig.AllAtOnce', { growthType: 'LINEAR', growthFactor: 100, durationMinutes: 0 }, 10),
  predefined(
    'AppConfig.Linear50PercentEvery30Seconds',
    { growthType: 'LINEAR', growthFactor: 50, durationMinutes: 1 },
    1,
  ),
  predefined(
    'AppConfig.Linear20PercentEvery6Minutes',
    { growthType: 'LINEAR', growthFactor: 20, durationMinutes: 30 },
    30,
  ),
  predefined(
    'AppConfig.Canary10Percent20Minutes',
    { growthType: 'EXPONENTIAL', growthFactor: 10, durationMinutes: 20 },
    10,
  ),
];

function predefined(id: string, growth: Growth, bakeMinutes: number): DeploymentStrategy {
  return { id, name: id, ...growth, bakeMinutes, replicateTo: 'NONE' };
}

export function isPredefined({ id }: DeploymentStrategy): boolean {
  return id.startsWith('AppConfig.');
}
