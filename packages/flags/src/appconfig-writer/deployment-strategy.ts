import {
  type AppConfigClient,
  CreateDeploymentStrategyCommand,
  type DeploymentStrategy,
  paginateListDeploymentStrategies,
} from '@aws-sdk/client-appconfig';
import { UnavailableError } from '@crossfade/core';
import { callControlPlane } from './control-plane-call.ts';

/**
 * Everybody gets the document at once and nothing bakes: AppConfig would split by session, so that one user flaps
 * between audiences, and a baking deployment blocks the rollback after it. The percentage is the document's business.
 */
const AT_ONCE = {
  Name: 'crossfade-at-once',
  DeploymentDurationInMinutes: 0,
  GrowthFactor: 100,
  FinalBakeTimeInMinutes: 0,
} as const;

/** The id of Crossfade's deployment strategy, which is created when the account has none. */
export async function findStrategy(client: AppConfigClient): Promise<string> {
  const found = await callControlPlane('list its deployment strategies', async () => {
    for await (const { Items = [] } of paginateListDeploymentStrategies({ client }, {})) {
      const match = Items.find(isAtOnce);
      if (match !== undefined) return match;
    }
    return undefined;
  });
  const strategy = found ?? (await callControlPlane('create a deployment strategy', () => create(client)));
  if (strategy.Id === undefined)
    throw new UnavailableError('AppConfig answered without the id of a deployment strategy');
  return strategy.Id;
}

function create(client: AppConfigClient): Promise<DeploymentStrategy> {
  const Description = 'All at once, without baking; made by Crossfade.';
  return client.send(new CreateDeploymentStrategyCommand({ ...AT_ONCE, Description, ReplicateTo: 'NONE' }));
}

function isAtOnce(strategy: DeploymentStrategy): boolean {
  return Object.entries(AT_ONCE).every(([name, value]) => strategy[name as keyof typeof AT_ONCE] === value);
}
