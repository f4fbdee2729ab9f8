import {
  AppConfigClient,
  CreateDeploymentStrategyCommand,
  CreateEnvironmentCommand,
  CreateHostedConfigurationVersionCommand,
  DeleteApplicationCommand,
  DeleteEnvironmentCommand,
  DeleteHostedConfigurationVersionCommand,
  ListDeploymentsCommand,
  StartDeploymentCommand,
  UpdateEnvironmentCommand,
} from '@aws-sdk/client-appconfig';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createSite } from './site.ts';
import type { Role } from './template.ts';

type Site = Awaited<ReturnType<typeof createSite>>;

/** The AWS SDK with a key that has a role. */
function clientOf({ stack, emulator, policies }: Site, role: Role): AppConfigClient {
  emulator.access.restrict(role, policies(role));
  const client = new AppConfigClient({
    endpoint: stack.endpoint,
    region: 'local',
    credentials: { accessKeyId: role, secretAccessKey: 'any' },
  });
  onTestFinished(() => client.destroy());
  return client;
}

function frameOf({ names }: Site['stack']) {
  return { ApplicationId: names['Application'], EnvironmentId: names['Environment'] };
}

/** Deploys what the first advance wrote, within an hour, as another tool might. */
async function deploySlowly(site: Site): Promise<void> {
  const { client, names } = site.stack;
  const slow = { Name: 'slow', DeploymentDurationInMinutes: 60, GrowthFactor: 10, FinalBakeTimeInMinutes: 0 };
  const { Id } = await client.send(new CreateDeploymentStrategyCommand({ ...slow, ReplicateTo: 'NONE' }));
  const version = { ...frameOf(site.stack), ConfigurationProfileId: names['Profile'], ConfigurationVersion: '2' };
  await client.send(new StartDeploymentCommand({ ...version, DeploymentStrategyId: Id }));
}

describe('the roles of deploy/aws', () => {
  it('let the operator go from the first step to the close and back, and on-call roll back, with no action to spare', async () => {
    const site = await createSite();
    const { as, actions } = site;
    const used: Record<'OperatorRole' | 'OnCallRole', Set<string>> = { OperatorRole: new Set(), OnCallRole: new Set() };
    const run = async (role: keyof typeof used, argv: readonly string[], code = 0) => {
      const { exitCode, stdout, stderr, calls } = await as(role, argv);
      expect({ argv, exitCode }, stdout + stderr).toEqual({ argv, exitCode: code });
      expect(calls.filter(({ isAllowed }) => !isAllowed)).toEqual([]);
      for (const { action } of calls) used[role].add(action);
      return stdout;
    };
    await run('OperatorRole', ['advance', '--to', '50', '--yes']);
    await run('OnCallRole', ['rollback']);
    await deploySlowly(site);
    await run('OnCallRole', ['rollback']);
    await run('OperatorRole', ['advance', '--to', '100', '--yes']);
    await run('OperatorRole', ['history']);
    // The issuer of the plan is not there; the rest is.
    expect(await run('OperatorRole', ['doctor'], 1)).toMatch(/pass +permissions: AWS allows the \d+ actions/);
    await vi.waitFor(async () => expect((await as('OperatorRole', ['gate'])).exitCode).toBe(0), { timeout: 15_000 });
    await run('OperatorRole', ['close', '--yes', '--legacy', 'default-api']);
    await run('OnCallRole', ['rollback']);
    await deploySlowly(site);
    await run('OperatorRole', ['rollback']);
    for (const role of ['OperatorRole', 'OnCallRole'] as const)
      expect([...used[role]].sort(), role).toEqual(actions(role));
  }, 90_000);

  it('let on-call do nothing else', async () => {
    const site = await createSite();
    const { as, stack } = site;
    await as('OperatorRole', ['advance', '--to', '50', '--yes']);
    const { Id: elsewhere } = await stack.client.send(
      new CreateEnvironmentCommand({ ApplicationId: stack.names['Application'], Name: 'another' }),
    );
    const [onCall, frame, profile] = [clientOf(site, 'OnCallRole'), frameOf(stack), stack.names['Profile']];
    const version = { ...frame, ConfigurationProfileId: profile, ConfigurationVersion: '1' };
    const strategy = { DeploymentStrategyId: stack.names['Strategy'] };
    const content = { ApplicationId: frame.ApplicationId, ContentType: 'application/json', Content: Buffer.from('{}') };
    const denied = { name: 'AccessDeniedException' };
    for (const [what, refused] of [
      ['delete the environment', () => onCall.send(new DeleteEnvironmentCommand(frame))],
      ['give it an alarm', () => onCall.send(new UpdateEnvironmentCommand({ ...frame, Monitors: [] }))],
      ['delete the application', () => onCall.send(new DeleteApplicationCommand(frame))],
      [
        'deploy elsewhere',
        () => onCall.send(new StartDeploymentCommand({ ...version, ...strategy, EnvironmentId: elsewhere })),
      ],
      [
        'deploy by another strategy',
        () =>
          onCall.send(
            new StartDeploymentCommand({ ...version, DeploymentStrategyId: 'AppConfig.Linear50PercentEvery30Seconds' }),
          ),
      ],
      [
        'write another profile',
        () =>
          onCall.send(new CreateHostedConfigurationVersionCommand({ ...content, ConfigurationProfileId: 'another' })),
      ],
      [
        'delete a version',
        () => onCall.send(new DeleteHostedConfigurationVersionCommand({ ...version, VersionNumber: 1 })),
      ],
    ] as const)
      await expect(refused(), what).rejects.toMatchObject(denied);
    // It may, what the same calls need here.
    await onCall.send(new StartDeploymentCommand({ ...version, ...strategy }));
  });

  it('let the sidecar read the flags, and no more', async () => {
    const site = await createSite();
    const { as, source, emulator, actions } = site;
    await as('OperatorRole', ['advance', '--to', '50', '--yes']);
    emulator.access.restrict('local', site.policies('ReaderRole'));
    const before = emulator.access.calls().length;
    await as('ReaderRole', ['status']);
    await vi.waitFor(() => expect(source.snapshot().document.issuance.percent).toBe(50));
    const calls = emulator.access.calls().slice(before);
    const allowed = new Set(calls.filter(({ isAllowed }) => isAllowed).map(({ action }) => action));
    expect([...allowed].every((action) => actions('ReaderRole').includes(action))).toBe(true);
    expect(calls.filter(({ isAllowed }) => !isAllowed).map(({ action }) => action)).toContain(
      'appconfig:ListApplications',
    );
  });
});

describe('a second apply in the middle of a migration', () => {
  it('changes nothing of the content', async () => {
    const { as, stack } = await createSite();
    await as('OperatorRole', ['advance', '--to', '50', '--yes']);
    const deployed = async () => (await stack.client.send(new ListDeploymentsCommand(frameOf(stack) as never))).Items;
    const status = async () => (await as('OperatorRole', ['status', '--json'])).json();
    const [before, held] = [await deployed(), await status()];
    await stack.applyAgain();
    expect(await deployed()).toEqual(before);
    expect(await status()).toMatchObject({ issuance: held['issuance'], acceptance: held['acceptance'] });
    expect((await as('OnCallRole', ['rollback'])).exitCode).toBe(0);
  });

  it('with an alarm on the environment makes doctor fail, which says why', async () => {
    const { as, stack } = await createSite();
    await as('OperatorRole', ['advance', '--to', '50', '--yes']);
    const AlarmArn = 'arn:aws:cloudwatch:eu-central-1:111122223333:alarm:errors';
    await stack.client.send(new UpdateEnvironmentCommand({ ...frameOf(stack), Monitors: [{ AlarmArn }] } as never));
    const { exitCode, stdout } = await as('OperatorRole', ['doctor']);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/monitors an alarm .*in ALARM, AppConfig takes every deployment back, a rollback as well/);
  });
});
