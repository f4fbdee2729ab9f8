import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';
import { description, readBody } from '../protocol/input.ts';
import { paginate } from '../protocol/pagination.ts';
import { type DeploymentStrategy, isPredefined } from '../store/deployment-strategy.ts';
import { GROWTH_TYPES } from '../store/growth.ts';
import { type ControlPath, strategyAt } from '../store/lookup.ts';
import { checkQuota } from '../store/quota.ts';
import type { Store } from '../store/store.ts';
import { tagMap } from '../store/tags.ts';

type Path = { Params: Pick<ControlPath, 'strategyId'> };

const minutes = z.int().min(0).max(1440);
const growthFactor = z.number().min(1).max(100);
const createBody = z.object({
  Name: z.string().min(1).max(64),
  Description: description,
  DeploymentDurationInMinutes: minutes,
  FinalBakeTimeInMinutes: minutes.default(0),
  GrowthFactor: growthFactor,
  GrowthType: z.enum(GROWTH_TYPES).default('LINEAR'),
  ReplicateTo: z.enum(['NONE', 'SSM_DOCUMENT']).default('NONE'),
  Tags: tagMap.optional(),
});
const updateBody = z.object({
  Description: description,
  DeploymentDurationInMinutes: minutes.optional(),
  FinalBakeTimeInMinutes: minutes.optional(),
  GrowthFactor: growthFactor.optional(),
  GrowthType: z.enum(GROWTH_TYPES).optional(),
});

export function strategyRoutes(server: FastifyInstance, store: Store): void {
  server.post('/deploymentstrategies', ({ body }, reply) => {
    const given = readBody(createBody, body);
    checkQuota(
      'deployment strategies',
      [...store.strategies.values()].filter((strategy) => !isPredefined(strategy)).length,
    );
    const strategy: DeploymentStrategy = {
      id: store.nextId(),
      name: given.Name,
      description: given.Description,
      durationMinutes: given.DeploymentDurationInMinutes,
      bakeMinutes: given.FinalBakeTimeInMinutes,
      growthFactor: given.GrowthFactor,
      growthType: given.GrowthType,
      replicateTo: given.ReplicateTo,
    };
    store.strategies.set(strategy.id, strategy);
    store.tags.add(`deploymentstrategy/${strategy.id}`, given.Tags);
    reply.code(201).send(view(strategy));
  });

  server.get('/deploymentstrategies', ({ query }, reply) => {
    reply.send(paginate([...store.strategies.values()].map(view), query));
  });

  server.get<Path>('/deploymentstrategies/:strategyId', ({ params }, reply) => {
    reply.send(view(strategyAt(store, params)));
  });

  server.patch<Path>('/deploymentstrategies/:strategyId', ({ params, body }, reply) => {
    const before = ownStrategy(store, params);
    const change = readBody(updateBody, body);
    const strategy: DeploymentStrategy = {
      ...before,
      description: change.Description ?? before.description,
      durationMinutes: change.DeploymentDurationInMinutes ?? before.durationMinutes,
      bakeMinutes: change.FinalBakeTimeInMinutes ?? before.bakeMinutes,
      growthFactor: change.GrowthFactor ?? before.growthFactor,
      growthType: change.GrowthType ?? before.growthType,
    };
    store.strategies.set(strategy.id, strategy);
    reply.send(view(strategy));
  });

  // The path is misspelt in AWS's own API model.
  server.delete<Path>('/deployementstrategies/:strategyId', ({ params }, reply) => {
    store.strategies.delete(ownStrategy(store, params).id);
    reply.code(204).send();
  });
}

function ownStrategy(store: Store, params: Path['Params']): DeploymentStrategy {
  const strategy = strategyAt(store, params);
  if (isPredefined(strategy))
    throw new AwsError('BadRequestException', `${strategy.id} is predefined: it cannot be changed or deleted`);
  return strategy;
}

function view(strategy: DeploymentStrategy): unknown {
  return {
    Id: strategy.id,
    Name: strategy.name,
    Description: strategy.description,
    DeploymentDurationInMinutes: strategy.durationMinutes,
    GrowthType: strategy.growthType,
    GrowthFactor: strategy.growthFactor,
    FinalBakeTimeInMinutes: strategy.bakeMinutes,
    ReplicateTo: strategy.replicateTo,
  };
}
