import { checkQuota } from '../store/quota.ts';
import type { Application, Environment, Monitor, Store } from '../store/store.ts';

/** @throws {AwsError} ServiceQuotaExceededException */
export function createEnvironment(
  store: Store,
  application: Application,
  name: string,
  rest: { readonly Description?: string | undefined; readonly Monitors?: readonly Monitor[] | undefined } = {},
): Environment {
  checkQuota('environments', application.environments.size);
  const { Description, Monitors = [] } = rest;
  const environment: Environment = {
    id: store.nextId(),
    name,
    description: Description,
    monitors: Monitors,
    deployments: [],
    createdAtMs: store.now(),
    lastReadAtMs: null,
  };
  application.environments.set(environment.id, environment);
  return environment;
}
