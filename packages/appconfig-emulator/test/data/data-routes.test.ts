import {
  CreateHostedConfigurationVersionCommand,
  StartDeploymentCommand,
  StopDeploymentCommand,
} from '@aws-sdk/client-appconfig';
import {
  BadRequestException,
  GetLatestConfigurationCommand,
  ResourceNotFoundException,
  StartConfigurationSessionCommand,
} from '@aws-sdk/client-appconfigdata';
import { describe, expect, it } from 'vitest';
import { flagDocument, rejection, startEmulator } from '../fixture.ts';

const ON = flagDocument({ 'issue-target': { enabled: true, percent: 50 } });
const OFF = flagDocument({ 'issue-target': { enabled: false, percent: 50 } });
const place = { application: 'orders', environment: 'live', profile: 'flags' };

describe('StartConfigurationSession', () => {
  it('accepts ids as well as names', async () => {
    const { emulator, data } = await startEmulator();
    const ids = emulator.seed({ ...place, content: ON });
    const session = await data.send(
      new StartConfigurationSessionCommand({
        ApplicationIdentifier: ids.applicationId,
        EnvironmentIdentifier: ids.environmentId,
        ConfigurationProfileIdentifier: ids.configurationProfileId,
      }),
    );
    expect(session.$metadata.httpStatusCode).toBe(201);
    expect(session.InitialConfigurationToken).toBeTypeOf('string');
  });

  it.each([14, 86_401, 0])('rejects a poll interval of %s s', async (intervalSeconds) => {
    const { emulator, start } = await startEmulator();
    emulator.seed({ ...place, content: ON });
    expect(await rejection(start(intervalSeconds), BadRequestException)).toMatchObject({
      $metadata: { httpStatusCode: 400 },
    });
  });

  it.each([
    [{ ApplicationIdentifier: 'nope' }, 'Application'],
    [{ EnvironmentIdentifier: 'nope' }, 'Environment'],
    [{ ConfigurationProfileIdentifier: 'nope' }, 'ConfigurationProfile'],
  ])('says which resource %j does not name', async (wrong, ResourceType) => {
    const { emulator, data } = await startEmulator();
    emulator.seed({ ...place, content: ON });
    const right = {
      ApplicationIdentifier: 'orders',
      EnvironmentIdentifier: 'live',
      ConfigurationProfileIdentifier: 'flags',
    };
    const error = await rejection(
      data.send(new StartConfigurationSessionCommand({ ...right, ...wrong })),
      ResourceNotFoundException,
    );
    expect(error).toMatchObject({ ResourceType, ReferencedBy: wrong, $metadata: { httpStatusCode: 404 } });
  });
});

describe('GetLatestConfiguration', () => {
  it('returns the content once, then nothing until it changes', async () => {
    const { emulator, clock, start, poll } = await startEmulator();
    emulator.seed({ ...place, content: ON });
    const first = await poll(await start());
    expect(JSON.parse(first.text)).toEqual({ 'issue-target': { enabled: true, percent: 50 } });
    expect(first).toMatchObject({ ContentType: 'application/json', NextPollIntervalInSeconds: 15 });

    clock.advance(15_000);
    const second = await poll(first.token);
    expect(second.Configuration?.byteLength ?? 0).toBe(0);

    clock.advance(15_000);
    emulator.seed({ ...place, content: OFF });
    expect(JSON.parse((await poll(second.token)).text)).toEqual({ 'issue-target': { enabled: false } });
  });

  it('returns freeform content unchanged', async () => {
    const { emulator, start, poll } = await startEmulator();
    emulator.seed({ ...place, type: 'AWS.Freeform', content: 'not: json', contentType: 'application/x-yaml' });
    expect(await poll(await start())).toMatchObject({ text: 'not: json', ContentType: 'application/x-yaml' });
  });

  it('returns an interval of 60 seconds to a session that asked for none', async () => {
    const { emulator, start, poll } = await startEmulator();
    emulator.seed({ ...place, content: ON });
    expect((await poll(await start(null))).NextPollIntervalInSeconds).toBe(60);
  });

  it('returns and enforces the interval of the emulator, whatever the session asked for', async () => {
    const { emulator, clock, start, poll } = await startEmulator({ pollIntervalSeconds: 1 });
    emulator.seed({ ...place, content: ON });
    const first = await poll(await start());
    expect(first.NextPollIntervalInSeconds).toBe(1);
    clock.advance(1000);
    await poll(first.token);
  });

  it.each(['PollIntervalNotSatisfied', 'Expired', 'Corrupted'] as const)(
    'returns %s in the shape of the API model',
    async (Problem) => {
      const { emulator, start, poll } = await startEmulator();
      emulator.seed({ ...place, content: ON });
      const used = await start();
      const { token } = await poll(used);
      const bad = { PollIntervalNotSatisfied: token, Expired: used, Corrupted: `x${token.slice(1)}` }[Problem];
      const error = await rejection(poll(bad), BadRequestException);
      expect(error).toMatchObject({
        Reason: 'InvalidParameters',
        Details: { InvalidParameters: { ConfigurationToken: { Problem } } },
        $metadata: { httpStatusCode: 400 },
      });
    },
  );

  it('keeps a token valid that was presented too early', async () => {
    const { emulator, clock, start, poll } = await startEmulator();
    emulator.seed({ ...place, content: ON });
    const { token } = await poll(await start());
    await rejection(poll(token), BadRequestException);
    clock.advance(15_000);
    await poll(token);
  });

  it('rejects a token after 24 hours', async () => {
    const { emulator, clock, start, poll } = await startEmulator();
    emulator.seed({ ...place, content: ON });
    const token = await start();
    clock.advance(24 * 3_600_000 + 1);
    expect(await rejection(poll(token), BadRequestException)).toMatchObject({
      Details: { InvalidParameters: { ConfigurationToken: { Problem: 'Expired' } } },
    });
  });

  it('returns 404 while nothing is deployed, and keeps the token', async () => {
    const { createAll, deploy, start, poll } = await startEmulator();
    const resources = await createAll();
    const token = await start();
    expect(await rejection(poll(token), ResourceNotFoundException)).toMatchObject({ ResourceType: 'Deployment' });
    await deploy(resources, ON);
    expect((await poll(token)).text).not.toBe('');
  });

  it('returns the version label with new content only', async () => {
    const { control, clock, start, poll, createAll, createVersion } = await startEmulator();
    const resources = await createAll();
    await createVersion(resources, OFF);
    await control.send(
      new CreateHostedConfigurationVersionCommand({
        ...resources,
        Content: Buffer.from(ON),
        ContentType: 'application/json',
        VersionLabel: 'v-on',
      }),
    );
    await control.send(new StartDeploymentCommand({ ...resources, ConfigurationVersion: 'v-on' }));
    const first = await poll(await start());
    expect(first.VersionLabel).toBe('v-on');
    clock.advance(15_000);
    expect((await poll(first.token)).VersionLabel ?? '').toBe('');
  });

  it('returns the previous version to clients that a gradual deployment has not reached, and to all after a rollback', async () => {
    const { control, clock, start, poll, createAll, createStrategy, deploy } = await startEmulator();
    const resources = await createAll();
    await deploy(resources, OFF);
    await deploy({ ...resources, DeploymentStrategyId: await createStrategy({ duration: 10, growth: 50 }) }, ON);

    const tokens = await Promise.all(Array.from({ length: 60 }, () => start()));
    const polls = await Promise.all(tokens.map(poll));
    const share = polls.filter(({ text }) => JSON.parse(text)['issue-target'].enabled === true).length / polls.length;
    expect(share).toBeGreaterThan(0.25);
    expect(share).toBeLessThan(0.75);

    clock.advance(15_000);
    const { ApplicationId, EnvironmentId } = resources;
    await control.send(new StopDeploymentCommand({ ApplicationId, EnvironmentId, DeploymentNumber: 2 }));
    const after = await Promise.all(polls.map(({ token }) => poll(token)));
    after.forEach(({ text }, index) => {
      const hadNew = JSON.parse(polls[index]?.text ?? '')['issue-target'].enabled;
      expect(text).toBe(hadNew ? '{"issue-target":{"enabled":false}}' : '');
    });
  });

  it('rejects a poll without token', async () => {
    const { data } = await startEmulator();
    await rejection(data.send(new GetLatestConfigurationCommand({ ConfigurationToken: '' })), BadRequestException);
  });
});
