import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isInProgress } from '../deployment/deployment-progress.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { description, readBody, readInput } from '../protocol/input.ts';
import { paginate } from '../protocol/pagination.ts';
import { checkValidators, createProfile } from '../resources/create-profile.ts';
import { checkDeletion, deletionHeaders } from '../store/check-deletion.ts';
import { applicationAt, type ControlPath, profileAt } from '../store/lookup.ts';
import { type ConfigurationProfile, FEATURE_FLAGS, FREEFORM, type Store } from '../store/store.ts';
import { tagMap } from '../store/tags.ts';

type ApplicationPath = { Params: Pick<ControlPath, 'applicationId'> };
type Path = { Params: Pick<ControlPath, 'applicationId' | 'profileId'> };

const name = z.string().min(1).max(128);
const validators = z
  .array(z.object({ Type: z.enum(['JSON_SCHEMA', 'LAMBDA']), Content: z.string().max(32_768) }))
  .max(2)
  .optional();
const createBody = z.object({
  Name: name,
  LocationUri: z.literal('hosted', { error: 'this emulator has hosted configurations only' }),
  Description: description,
  Type: z.enum([FEATURE_FLAGS, FREEFORM]).default(FREEFORM),
  Validators: validators,
  Tags: tagMap.optional(),
});
const updateBody = z.object({ Name: name.optional(), Description: description, Validators: validators });
const listQuery = z.object({ type: z.string().optional() });

export function profileRoutes(server: FastifyInstance, store: Store): void {
  server.post<ApplicationPath>('/applications/:applicationId/configurationprofiles', ({ params, body }, reply) => {
    const application = applicationAt(store, params);
    const { Name, Tags, ...rest } = readBody(createBody, body);
    const profile = createProfile(store, application, Name, rest);
    store.tags.add(`application/${application.id}/configurationprofile/${profile.id}`, Tags);
    reply.code(201).send(view(application.id, profile));
  });

  server.get<ApplicationPath>('/applications/:applicationId/configurationprofiles', ({ params, query }, reply) => {
    const { type } = readInput(listQuery, query);
    const profiles = [...applicationAt(store, params).profiles.values()].filter(
      (profile) => type === undefined || profile.type === type,
    );
    reply.send(
      paginate(
        profiles.map((profile) => summary(params.applicationId, profile)),
        query,
      ),
    );
  });

  server.get<Path>('/applications/:applicationId/configurationprofiles/:profileId', ({ params }, reply) => {
    reply.send(view(params.applicationId, profileAt(store, params)));
  });

  server.patch<Path>('/applications/:applicationId/configurationprofiles/:profileId', ({ params, body }, reply) => {
    const profile = profileAt(store, params);
    const change = readBody(updateBody, body);
    checkValidators(profile.type, change.Validators);
    profile.name = change.Name ?? profile.name;
    profile.description = change.Description ?? profile.description;
    profile.validators = change.Validators ?? profile.validators;
    reply.send(view(params.applicationId, profile));
  });

  server.delete<Path>('/applications/:applicationId/configurationprofiles/:profileId', ({ params, headers }, reply) => {
    const application = applicationAt(store, params);
    const profile = profileAt(store, params);
    const check = readInput(deletionHeaders, headers)['x-amzn-deletion-protection-check'];
    const deployments = [...application.environments.values()].flatMap((environment) => environment.deployments);
    if (
      deployments.some((deployment) => deployment.profileId === profile.id && isInProgress(deployment, store.now()))
    ) {
      throw new AwsError('ConflictException', 'a deployment of the configuration profile is in progress');
    }
    if (profile.versions.size > 0) {
      throw new AwsError(
        'BadRequestException',
        'the configuration profile still has hosted versions: delete them first',
      );
    }
    checkDeletion(profile, { check, settings: store.settings, nowMs: store.now() });
    application.profiles.delete(profile.id);
    reply.code(204).send();
  });
}

function view(applicationId: string, profile: ConfigurationProfile): unknown {
  return {
    ApplicationId: applicationId,
    Id: profile.id,
    Name: profile.name,
    Description: profile.description,
    LocationUri: profile.locationUri,
    Validators: profile.validators,
    Type: profile.type,
  };
}

function summary(applicationId: string, profile: ConfigurationProfile): unknown {
  return {
    ApplicationId: applicationId,
    Id: profile.id,
    Name: profile.name,
    LocationUri: profile.locationUri,
    ValidatorTypes: profile.validators.map((validator) => validator.Type),
    Type: profile.type,
  };
}
