import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { deploymentProgress } from '../deployment/deployment-progress.ts';
import { deploymentSummary, deploymentView } from '../deployment/deployment-view.ts';
import { startDeployment } from '../deployment/start-deployment.ts';
import { stopDeployment } from '../deployment/stop-deployment.ts';
import { description, readBody, readInput } from '../protocol/input.ts';
import { paginate } from '../protocol/pagination.ts';
import { type ControlPath, deploymentAt, environmentAt } from '../store/lookup.ts';
import type { Store } from '../store/store.ts';
import { tagMap } from '../store/tags.ts';

type EnvironmentPath = { Params: Pick<ControlPath, 'applicationId' | 'environmentId'> };
type Path = { Params: Pick<ControlPath, 'applicationId' | 'environmentId' | 'number'> };

const DEPLOYMENTS = '/applications/:applicationId/environments/:environmentId/deployments';

const startBody = z.object({
  DeploymentStrategyId: z.string(),
  ConfigurationProfileId: z.string(),
  ConfigurationVersion: z.string().min(1).max(1024),
  Description: description,
  LatestDeploymentNumber: z.int().min(0).optional(),
  Tags: tagMap.optional(),
});
const stopHeaders = z.object({ 'allow-revert': z.enum(['true', 'false']).optional() });

export function deploymentRoutes(server: FastifyInstance, store: Store): void {
  server.post<EnvironmentPath>(DEPLOYMENTS, ({ params, body }, reply) => {
    const environment = environmentAt(store, params);
    const { Tags, ...input } = readBody(startBody, body);
    const deployment = startDeployment(store, params.applicationId, environment, input);
    const { applicationId, environmentId } = params;
    store.tags.add(`application/${applicationId}/environment/${environmentId}/deployment/${deployment.number}`, Tags);
    // The response shows the deployment before its first step, however quick the strategy.
    const justStarted = {
      state: 'DEPLOYING',
      percentage: 0,
      completedAtMs: null,
      events: deploymentProgress(deployment, store.now()).events.slice(-1),
    } as const;
    reply.code(201).send(deploymentView(params, deployment, justStarted));
  });

  server.get<EnvironmentPath>(DEPLOYMENTS, ({ params, query }, reply) => {
    const newestFirst = [...environmentAt(store, params).deployments].reverse();
    reply.send(
      paginate(
        newestFirst.map((deployment) => deploymentSummary(deployment, deploymentProgress(deployment, store.now()))),
        query,
      ),
    );
  });

  server.get<Path>(`${DEPLOYMENTS}/:number`, ({ params }, reply) => {
    const deployment = deploymentAt(environmentAt(store, params), params);
    reply.send(deploymentView(params, deployment, deploymentProgress(deployment, store.now())));
  });

  server.delete<Path>(`${DEPLOYMENTS}/:number`, ({ params, headers }, reply) => {
    const environment = environmentAt(store, params);
    const deployment = deploymentAt(environment, params);
    const { 'allow-revert': allowRevert } = readInput(stopHeaders, headers);
    const outcome = stopDeployment(environment, deployment, {
      allowRevert: allowRevert === 'true',
      nowMs: store.now(),
    });
    const progress = deploymentProgress(deployment, store.now());
    const state = outcome === 'ROLLED_BACK' ? 'ROLLING_BACK' : outcome;
    reply.code(202).send(deploymentView(params, deployment, { ...progress, state }));
  });
}
