import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { description, readInput, wholeNumber } from '../protocol/input.ts';
import { paginate } from '../protocol/pagination.ts';
import { createVersion, validateContent } from '../resources/create-version.ts';
import { type ControlPath, profileAt, versionAt } from '../store/lookup.ts';
import type { HostedVersion, Store } from '../store/store.ts';

type ProfilePath = { Params: Pick<ControlPath, 'applicationId' | 'profileId'> };
type Path = { Params: Pick<ControlPath, 'applicationId' | 'profileId' | 'number'> };

const VERSIONS = '/applications/:applicationId/configurationprofiles/:profileId/hostedconfigurationversions';

const createHeaders = z.object({
  'content-type': z.string().min(1).max(255),
  description,
  'latest-version-number': wholeNumber(0).optional(),
  versionlabel: z
    .string()
    .min(1)
    .max(64)
    .regex(/[^0-9]/, { error: 'must contain a character that is not a digit' })
    .optional(),
});
const listQuery = z.object({ version_label: z.string().min(1).max(64).optional() });

export function versionRoutes(server: FastifyInstance, store: Store): void {
  server.post<ProfilePath>(VERSIONS, ({ params, headers, body }, reply) => {
    const profile = profileAt(store, params);
    const given = readInput(createHeaders, headers);
    const version = createVersion(profile, {
      content: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
      contentType: given['content-type'],
      description: given.description,
      label: given.versionlabel,
      latestVersionNumber: given['latest-version-number'],
    });
    sendVersion(reply.code(201), params, version);
  });

  server.get<ProfilePath>(VERSIONS, ({ params, query }, reply) => {
    const { version_label: label } = readInput(listQuery, query);
    const newestFirst = [...profileAt(store, params).versions.values()].reverse();
    const listed = newestFirst.filter((version) => label === undefined || matches(version.label, label));
    reply.send(
      paginate(
        listed.map((version) => summary(params, version)),
        query,
      ),
    );
  });

  server.get<Path>(`${VERSIONS}/:number`, ({ params }, reply) => {
    sendVersion(reply, params, versionAt(profileAt(store, params), params));
  });

  server.delete<Path>(`${VERSIONS}/:number`, ({ params }, reply) => {
    const profile = profileAt(store, params);
    profile.versions.delete(versionAt(profile, params).number);
    reply.code(204).send();
  });

  server.post<ProfilePath>(
    '/applications/:applicationId/configurationprofiles/:profileId/validators',
    ({ params, query }, reply) => {
      const profile = profileAt(store, params);
      const { configuration_version: asked } = readInput(
        z.object({ configuration_version: z.string().min(1).max(1024) }),
        query,
      );
      validateContent(profile, versionAt(profile, { number: asked }).content);
      reply.code(204).send();
    },
  );
}

function matches(label: string | undefined, asked: string): boolean {
  if (label === undefined) return false;
  return asked.endsWith('*') ? label.startsWith(asked.slice(0, -1)) : label === asked;
}

function sendVersion(
  reply: FastifyReply,
  { applicationId, profileId }: ProfilePath['Params'],
  version: HostedVersion,
): void {
  reply.headers({
    'Application-Id': applicationId,
    'Configuration-Profile-Id': profileId,
    'Version-Number': String(version.number),
    'Content-Type': version.contentType,
    ...(version.description !== undefined && { Description: version.description }),
    ...(version.label !== undefined && { VersionLabel: version.label }),
  });
  reply.send(version.content);
}

function summary({ applicationId, profileId }: ProfilePath['Params'], version: HostedVersion): unknown {
  return {
    ApplicationId: applicationId,
    ConfigurationProfileId: profileId,
    VersionNumber: version.number,
    Description: version.description,
    ContentType: version.contentType,
    VersionLabel: version.label,
  };
}
