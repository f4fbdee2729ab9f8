import { AppConfigClient, UpdateEnvironmentCommand } from '@aws-sdk/client-appconfig';
import { createEmulator } from '@crossfade/appconfig-emulator';
import Fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { examineEnvironment } from '../../src/doctor/examine-environment.ts';

const LOCATION = { application: 'orders', environment: 'production', profile: 'crossfade' };
const CONTENT = JSON.stringify({ version: '1', flags: {}, values: {} });
const ALARM = 'arn:aws:cloudwatch:eu-central-1:111122223333:alarm:errors';

async function createPlace() {
  const emulator = createEmulator();
  const { url: endpoint } = await emulator.listen();
  onTestFinished(() => emulator.close());
  const seeded = emulator.seed({ ...LOCATION, content: CONTENT });
  const flags = { source: 'appconfig', ...LOCATION, pollIntervalMs: 15_000, region: 'local', endpoint } as const;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return { emulator, seeded, flags, client: new AppConfigClient({ endpoint, region: 'local', credentials }) };
}

test('an environment of its own, without alarms, misses the strategy alone', async () => {
  const { flags } = await createPlace();
  const findings = await examineEnvironment({ flags });
  expect(findings.map(({ check, verdict }) => `${check} ${verdict}`)).toEqual([
    'permissions pass',
    'permissions unknown',
    'environment warn',
  ]);
  expect(findings[2]?.detail).toContain('crossfade-at-once');
});

test('an alarm fails, because it would take a rollback back', async () => {
  const { flags, client, seeded } = await createPlace();
  const place = { ApplicationId: seeded.applicationId, EnvironmentId: seeded.environmentId };
  await client.send(new UpdateEnvironmentCommand({ ...place, Monitors: [{ AlarmArn: ALARM }] }));
  expect(await examineEnvironment({ flags })).toContainEqual(
    expect.objectContaining({
      check: 'environment',
      verdict: 'fail',
      detail: expect.stringContaining(`monitors an alarm (${ALARM})`),
      remedy: expect.stringContaining('aws appconfig update-environment'),
    }),
  );
});

test('another profile in the environment is a warning, by name', async () => {
  const { flags, emulator } = await createPlace();
  emulator.seed({ ...LOCATION, profile: 'shop-flags', content: CONTENT });
  const findings = await examineEnvironment({ flags });
  expect(findings.map(({ detail }) => detail).join()).toContain('also serves shop-flags');
});

test('a missing profile fails, and so does a store that is down', async () => {
  const { flags, emulator } = await createPlace();
  expect(await examineEnvironment({ flags: { ...flags, profile: 'none' } })).toMatchObject([{ verdict: 'fail' }]);
  await emulator.close();
  expect(await examineEnvironment({ flags })).toMatchObject([{ verdict: 'fail' }]);
});

/** Stands in front of the emulator, as IAM does: responds to some requests with 403. */
async function startIam(endpoint: string, denied: { readonly action: RegExp | undefined }) {
  const app = Fastify({ forceCloseConnections: true });
  app.get('/*', async (request, reply) => {
    if (denied.action?.test(request.url))
      return reply
        .code(403)
        .header('x-amzn-errortype', 'AccessDeniedException')
        .send({ Message: 'User: arn:aws:iam::111122223333:user/alice is not authorized to perform this' });
    const { authorization = '' } = request.headers;
    const response = await fetch(`${endpoint}${request.url}`, { headers: { authorization } });
    const type = response.headers.get('content-type') ?? 'application/json';
    return reply
      .code(response.status)
      .header('content-type', type)
      .send(Buffer.from(await response.arrayBuffer()));
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.close());
  return url;
}

test.each([
  ['ListDeployments', /\/deployments(\?|$)/, 'its other profiles'],
  ['GetEnvironment', /\/environments\/\w+(\?|$)/, 'its alarms'],
  ['ListDeploymentStrategies', /\/deploymentstrategies/, 'its deployment strategies'],
  ['ListConfigurationProfiles', /\/configurationprofiles(\?|$)/, 'its other profiles'],
])('a denied %s is named with the action to allow, and what it hides is unknown', async (action, path, hidden) => {
  const { flags } = await createPlace();
  const iam: { action: RegExp | undefined } = { action: undefined };
  const denying = { ...flags, endpoint: await startIam(flags.endpoint, iam) };
  expect((await examineEnvironment({ flags: denying }))[0]).toMatchObject({ check: 'permissions', verdict: 'pass' });
  iam.action = path;
  const findings = await examineEnvironment({ flags: denying });
  expect(findings).toContainEqual(
    expect.objectContaining({
      check: 'permissions',
      verdict: 'fail',
      detail: `AWS denies appconfig:${action}`,
      remedy: expect.stringContaining(`allow appconfig:${action}`),
    }),
  );
  const unknown = findings.filter(({ check, verdict }) => check === 'environment' && verdict === 'unknown');
  expect(unknown.map(({ detail }) => detail).join()).toContain(hidden);
});

test('what may be written cannot be known without writing, and the request to IAM is printed', async () => {
  const { flags } = await createPlace();
  expect(await examineEnvironment({ flags })).toContainEqual(
    expect.objectContaining({
      check: 'permissions',
      verdict: 'unknown',
      detail: expect.stringContaining('appconfig:StartDeployment'),
      remedy: expect.stringContaining('aws iam simulate-principal-policy'),
    }),
  );
});

test('a flag file has no environment', async () => {
  expect(await examineEnvironment({ flags: { source: 'file', path: 'flags.json' } })).toEqual([]);
});
