import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';
import { description, readBody } from '../protocol/input.ts';
import { paginate } from '../protocol/pagination.ts';
import { createApplication } from '../resources/create-application.ts';
import { applicationAt, type ControlPath } from '../store/lookup.ts';
import type { Application, Store } from '../store/store.ts';
import { tagMap } from '../store/tags.ts';

type Path = { Params: Pick<ControlPath, 'applicationId'> };

const name = z.string().min(1).max(64);
const createBody = z.object({ Name: name, Description: description, Tags: tagMap.optional() });
const updateBody = z.object({ Name: name.optional(), Description: description });

export function applicationRoutes(server: FastifyInstance, store: Store): void {
  server.post('/applications', (request, reply) => {
    const body = readBody(createBody, request.body);
    const application = createApplication(store, body.Name, body.Description);
    store.tags.add(`application/${application.id}`, body.Tags);
    reply.code(201).send(view(application));
  });

  server.get('/applications', ({ query }, reply) => {
    reply.send(paginate([...store.applications.values()].map(view), query));
  });

  server.get<Path>('/applications/:applicationId', ({ params }, reply) => {
    reply.send(view(applicationAt(store, params)));
  });

  server.patch<Path>('/applications/:applicationId', ({ params, body }, reply) => {
    const application = applicationAt(store, params);
    const change = readBody(updateBody, body);
    application.name = change.Name ?? application.name;
    application.description = change.Description ?? application.description;
    reply.send(view(application));
  });

  server.delete<Path>('/applications/:applicationId', ({ params }, reply) => {
    const application = applicationAt(store, params);
    if (application.environments.size + application.profiles.size > 0) {
      throw new AwsError(
        'BadRequestException',
        'the application still has environments or configuration profiles: delete them first',
      );
    }
    store.applications.delete(application.id);
    reply.code(204).send();
  });
}

function view(application: Application): unknown {
  return { Id: application.id, Name: application.name, Description: application.description };
}
