import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { readBody, readInput } from '../protocol/input.ts';
import { resourceNameOf } from '../store/resource-name.ts';
import type { Store } from '../store/store.ts';
import { tagMap } from '../store/tags.ts';

type Path = { Params: { readonly '*': string } };

const PATH = '/tags/*';
const addBody = z.object({ Tags: tagMap });
const keys = z.string().min(1).max(128);
const removeQuery = z.object({ tagKeys: z.union([keys.transform((key) => [key]), z.array(keys).max(50)]) });

export function tagRoutes(server: FastifyInstance, store: Store): void {
  server.get<Path>(PATH, ({ params }, reply) => {
    reply.send({ Tags: store.tags.of(resourceNameOf(store, params['*'])) });
  });

  server.post<Path>(PATH, ({ params, body }, reply) => {
    const resource = resourceNameOf(store, params['*']);
    store.tags.add(resource, readBody(addBody, body).Tags);
    reply.code(204).send();
  });

  server.delete<Path>(PATH, ({ params, query }, reply) => {
    const resource = resourceNameOf(store, params['*']);
    store.tags.remove(resource, readInput(removeQuery, query).tagKeys);
    reply.code(204).send();
  });
}
