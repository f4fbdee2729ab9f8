import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { liveVersion } from '../deployment/deployment-progress.ts';
import { checkFlagSet } from '../flags/check-flag-set.ts';
import { flagValues } from '../flags/flag-values.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { readBody, readInput } from '../protocol/input.ts';
import { type ConfigurationProfile, FEATURE_FLAGS, type HostedVersion, type Store } from '../store/store.ts';
import type { Session, Sessions, TokenProblem } from './session.ts';

const DEFAULT_INTERVAL_SECONDS = 60;

const identifier = z.string().min(1).max(128);
const startBody = z.object({
  ApplicationIdentifier: identifier,
  EnvironmentIdentifier: identifier,
  ConfigurationProfileIdentifier: identifier,
  RequiredMinimumPollIntervalInSeconds: z.int().min(15).max(86_400).optional(),
});
const pollQuery = z.object({ configuration_token: z.string().min(1).max(8192) });

const PROBLEM_MESSAGE: Readonly<Record<TokenProblem, string>> = {
  Corrupted: 'Token was corrupted',
  Expired: 'Token is expired or was used before',
  PollIntervalNotSatisfied: 'Request too early',
};

/** Registers the two operations of the data plane. */
export function dataRoutes(
  server: FastifyInstance,
  {
    store,
    sessions,
    pollIntervalSeconds,
  }: { store: Store; sessions: Sessions; pollIntervalSeconds: number | undefined },
): void {
  server.post('/configurationsessions', ({ body }, reply) => {
    const asked = readBody(startBody, body);
    const place = findPlace(store, asked);
    const intervalSeconds =
      pollIntervalSeconds ?? asked.RequiredMinimumPollIntervalInSeconds ?? DEFAULT_INTERVAL_SECONDS;
    reply.code(201).send({ InitialConfigurationToken: sessions.start({ ...place, intervalSeconds }) });
  });

  server.get('/configuration', ({ query }, reply) => {
    const check = sessions.open(readInput(pollQuery, query).configuration_token);
    if ('problem' in check) throw badToken(check.problem);
    const { session } = check;
    const { profile, version } = currentVersion(store, session);
    const isNew = session.deliveredVersion !== version.number;
    session.deliveredVersion = version.number;
    reply.headers({
      'Next-Poll-Configuration-Token': sessions.next(session),
      'Next-Poll-Interval-In-Seconds': String(session.intervalSeconds),
      'Content-Type': version.contentType,
      'Version-Label': isNew ? (version.label ?? '') : '',
    });
    reply.send(isNew ? contentOf(profile, version) : Buffer.alloc(0));
  });
}

/**
 * The ids of the configuration that a request asks for by name, or by its token; none for a token that is not valid.
 * @throws {AwsError} when there is no such configuration.
 */
export function locate(store: Store, sessions: Sessions, query: unknown, body: unknown): Record<string, string> {
  const { data } = pollQuery.safeParse(query);
  if (data === undefined) return { ...findPlace(store, readBody(startBody, body)) };
  const check = sessions.open(data.configuration_token);
  if ('problem' in check) throw badToken(check.problem);
  const { applicationId, environmentId, profileId } = check.session;
  return { applicationId, environmentId, profileId };
}

function findPlace(
  store: Store,
  asked: z.infer<typeof startBody>,
): Pick<Session, 'applicationId' | 'environmentId' | 'profileId'> {
  const application =
    byIdOrName(store.applications, asked.ApplicationIdentifier) ??
    notFound('Application', { ApplicationIdentifier: asked.ApplicationIdentifier });
  const environment =
    byIdOrName(application.environments, asked.EnvironmentIdentifier) ??
    notFound('Environment', { EnvironmentIdentifier: asked.EnvironmentIdentifier });
  const profile =
    byIdOrName(application.profiles, asked.ConfigurationProfileIdentifier) ??
    notFound('ConfigurationProfile', { ConfigurationProfileIdentifier: asked.ConfigurationProfileIdentifier });
  return { applicationId: application.id, environmentId: environment.id, profileId: profile.id };
}

function byIdOrName<T extends { readonly name: string }>(
  resources: ReadonlyMap<string, T>,
  identifierGiven: string,
): T | undefined {
  return resources.get(identifierGiven) ?? [...resources.values()].find(({ name }) => name === identifierGiven);
}

function currentVersion(
  store: Store,
  session: Session,
): { readonly profile: ConfigurationProfile; readonly version: HostedVersion } {
  const application = store.applications.get(session.applicationId) ?? notFound('Application');
  const environment = application.environments.get(session.environmentId) ?? notFound('Environment');
  const profile = application.profiles.get(session.profileId) ?? notFound('ConfigurationProfile');
  environment.lastReadAtMs = store.now();
  profile.lastReadAtMs = store.now();
  const version = liveVersion(environment, profile.id, session.bucket, store.now()) ?? notFound('Deployment');
  return { profile, version };
}

function contentOf(profile: ConfigurationProfile, version: HostedVersion): Buffer {
  if (profile.type !== FEATURE_FLAGS) return version.content;
  return Buffer.from(JSON.stringify(flagValues(checkFlagSet(version.content))));
}

function notFound(resourceType: string, referencedBy: Readonly<Record<string, string>> = {}): never {
  throw new AwsError('ResourceNotFoundException', `${resourceType} not found`, {
    ResourceType: resourceType,
    ReferencedBy: referencedBy,
  });
}

function badToken(problem: TokenProblem): AwsError {
  return new AwsError('BadRequestException', PROBLEM_MESSAGE[problem], {
    Reason: 'InvalidParameters',
    Details: { InvalidParameters: { ConfigurationToken: { Problem: problem } } },
  });
}
