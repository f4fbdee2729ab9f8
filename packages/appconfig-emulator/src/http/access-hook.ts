import type { FastifyInstance } from 'fastify';
import { operationOf } from '../access/operation.ts';
import { locate } from '../data/data-routes.ts';
import { ADMIN_PREFIX } from '../protocol/plane.ts';
import type { EmulatorState } from './emulator-state.ts';

/** Lets IAM policies decide, for the keys that have some. The admin paths always work. */
export function accessHook(server: FastifyInstance, { access, store, sessions }: EmulatorState): void {
  server.addHook('preHandler', async ({ method, url, headers, params, query, body, routeOptions }) => {
    if (!access.isOn() || url === '/' || url.startsWith(ADMIN_PREFIX)) return;
    const operation = operationOf(method, routeOptions.url);
    const ids = {
      ...(params as Record<string, string>),
      ...deployedIds(operation?.action, body),
      ...(routeOptions.url?.startsWith('/configuration') && locate(store, sessions, query, body)),
    };
    access.authorize(headers.authorization ?? '', operation, ids);
  });
}

/** `StartDeployment` names profile and strategy in its body. One that cannot be read matches no resource. */
function deployedIds(action: string | undefined, body: unknown): Record<string, string> {
  if (action !== 'appconfig:StartDeployment') return {};
  const { ConfigurationProfileId: profileId = '', DeploymentStrategyId: strategyId = '' } = parse(body);
  return { profileId: String(profileId), strategyId: String(strategyId) };
}

function parse(body: unknown): Record<string, unknown> {
  try {
    return JSON.parse(String(body)) as Record<string, unknown>;
  } catch {
    return {};
  }
}
