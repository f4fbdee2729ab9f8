import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { deploymentProgress, isInProgress } from '../deployment/deployment-progress.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { description, readBody, readInput } from '../protocol/input.ts';
import { paginate } from '../protocol/pagination.ts';
import { createEnvironment } from '../resources/create-environment.ts';
import { checkDeletion, deletionHeaders } from '../store/check-deletion.ts';
import { applicationAt, type ControlPath, environmentAt } from '../store/lookup.ts';
import type { Environment, Store } from '../store/store.ts';
import { tagMap } from '../store/tags.ts';

type ApplicationPath = { Params: Pick<ControlPath, 'applicationId'> };
type Path = { Params: Pick<ControlPath, 'applicationId' | 'environmentId'> };

const name = z.string().min(1).max(64);
const monitors = z
  .array(z.object({ AlarmArn: z.string().min(1).max(2048), AlarmRoleArn: z.string().min(20).max(2048).optional() }))
  .max(5)
  .optional();
const createBody = z.object({ Name: name, Description: description, Monitors: monitors, Tags: tagMap.optional() });
const updateBody = z.object({ Name: name.optional(), Description: description, Monitors: monitors });

export function environmentRoutes(server: FastifyInstance, store: Store): void {
  server.post<ApplicationPath>('/applications/:applicationId/environments', ({ params, body }, reply) => {
    const application = applicationAt(store, params);
    const { Name, Tags, ...rest } = readBody(createBody, body);
    const environment = createEnvironment(store, application, Name, rest);
    store.tags.add(`application/${application.id}/environment/${environment.id}`, Tags);
    reply.code(201).send(view(application.id, environment, store.now()));
  });

  server.get<ApplicationPath>('/applications/:applicationId/environments', ({ params, query }, reply) => {
    const environments = [...applicationAt(store, params).environments.values()];
    reply.send(
      paginate(
        environments.map((environment) => view(params.applicationId, environment, store.now())),
        query,
      ),
    );
  });

  server.get<Path>('/applications/:applicationId/environments/:environmentId', ({ params }, reply) => {
    reply.send(view(params.applicationId, environmentAt(store, params), store.now()));
  });

  server.patch<Path>('/applications/:applicationId/environments/:environmentId', ({ params, body }, reply) => {
    const environment = environmentAt(store, params);
    const change = readBody(updateBody, body);
    environment.name = change.Name ?? environment.name;
    environment.description = change.Description ?? environment.description;
    environment.monitors = change.Monitors ?? environment.monitors;
    reply.send(view(params.applicationId, environment, store.now()));
  });

  server.delete<Path>('/applications/:applicationId/environments/:environmentId', ({ params, headers }, reply) => {
    const environment = environmentAt(store, params);
    const check = readInput(deletionHeaders, headers)['x-amzn-deletion-protection-check'];
    if (environment.deployments.some((deployment) => isInProgress(deployment, store.now()))) {
      throw new AwsError('ConflictException', 'a deployment is in progress in the environment');
    }
    checkDeletion(environment, { check, settings: store.settings, nowMs: store.now() });
    applicationAt(store, params).environments.delete(environment.id);
    reply.code(204).send();
  });
}

function view(applicationId: string, environment: Environment, nowMs: number): unknown {
  return {
    ApplicationId: applicationId,
    Id: environment.id,
    Name: environment.name,
    Description: environment.description,
    State: stateOf(environment, nowMs),
    Monitors: environment.monitors,
  };
}

function stateOf({ deployments }: Environment, nowMs: number): string {
  const last = deployments.at(-1);
  const state = last === undefined ? 'COMPLETE' : deploymentProgress(last, nowMs).state;
  if (state === 'COMPLETE') return 'READY_FOR_DEPLOYMENT';
  return state === 'BAKING' ? 'DEPLOYING' : state;
}
