import {
  type AppConfigClient,
  CreateDeploymentStrategyCommand,
  type DeploymentStrategy,
  paginateListDeploymentStrategies,
} from '@aws-sdk/client-appconfig';
import { UnavailableError } from '@crossfade/core';
import { callControlPlane } from './call-control-plane.ts';

/**
 * Deploys the document to all clients at once, without baking: AppConfig splits by session, so one user would flap
 * between audiences, and a baking deployment blocks the next rollback. The percentage is in the document instead.
 */
const AT_ONCE = {
  Name: 'crossfade-at-once',
  DeploymentDurationInMinutes: 0,
  GrowthFactor: 100,
  FinalBakeTimeInMinutes: 0,
} as const;

/** Returns the id of Crossfade's deployment strategy; creates the strategy if the account lacks it. */
export async function findStrategy(client: AppConfigClient): Promise<string> {
  return (await ensureStrategy(client)).id;
}

/** Returns the id of Crossfade's deployment strategy; `undefined` if the account lacks it. */
export async function lookUpStrategy(client: AppConfigClient): Promise<string | undefined> {
  return (await search(client))?.Id;
}

/** As {@link findStrategy}, and says whether the account lacked it. */
export async function ensureStrategy(
  client: AppConfigClient,
): Promise<{ readonly id: string; readonly name: string; readonly isNew: boolean }> {
  const found = await search(client);
  const strategy = found ?? (await callControlPlane('create a deployment strategy', () => create(client)));
  if (strategy.Id === undefined)
    throw new UnavailableError("AppConfig's response lacks the id of the deployment strategy");
  return { id: strategy.Id, name: AT_ONCE.Name, isNew: found === undefined };
}

function search(client: AppConfigClient): Promise<DeploymentStrategy | undefined> {
  return callControlPlane('list its deployment strategies', () => searchStrategy(client));
}

/** Finds Crossfade's deployment strategy. Rejects with the errors of the SDK. */
export async function searchStrategy(client: AppConfigClient): Promise<DeploymentStrategy | undefined> {
  for await (const { Items = [] } of paginateListDeploymentStrategies({ client }, {})) {
    const match = Items.find(isAtOnce);
    if (match !== undefined) return match;
  }
  return undefined;
}

function create(client: AppConfigClient): Promise<DeploymentStrategy> {
  const Description = 'All at once, without baking; created by Crossfade.';
  return client.send(new CreateDeploymentStrategyCommand({ ...AT_ONCE, Description, ReplicateTo: 'NONE' }));
}

function isAtOnce(strategy: DeploymentStrategy): boolean {
  return Object.entries(AT_ONCE).every(([name, value]) => strategy[name as keyof typeof AT_ONCE] === value);
}
