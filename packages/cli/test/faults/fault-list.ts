import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AppConfigClient,
  CreateHostedConfigurationVersionCommand,
  StartDeploymentCommand,
  UpdateEnvironmentCommand,
} from '@aws-sdk/client-appconfig';
import { closedPort, LOCATION, type Site, serve } from './site.ts';
import type { VerbName } from './verb-list.ts';

/** How a command is typed while a fault is on. */
export interface Typing {
  /** Runs the program in a shell, with its output led there. */
  readonly redirection?: string;
  /** Leaves `--yes` out, and has no terminal for the question. */
  readonly isUnattended?: true;
  /** Presses Ctrl-C once the output matches. */
  readonly interruptAt?: RegExp;
  /** The working directory; that of the plan if absent. */
  readonly cwd?: string;
}

/** A fault: what is broken before a verb runs. */
export interface Fault {
  readonly name: string;
  readonly store: 'file' | 'appconfig';
  /** Those that it concerns; all if absent. */
  readonly verbs?: readonly VerbName[];
  /** Runs the program itself, in a shell. */
  readonly isProgram?: true;
  /** No verb finds the plan, and so the store. */
  readonly hidesPlan?: true;
  /** The operator ends the wait before logins move: users would get 401. */
  readonly isEndedByOperator?: true;
  /** Breaks it. `interrupt` presses Ctrl-C. */
  arrange(site: Site, undo: (() => unknown)[], interrupt: () => void): Promise<Typing | undefined> | Typing | undefined;
}

const MOVES: readonly VerbName[] = ['advance', 'rollback', 'close', 'reopen', 'brownout'];
const WATCHERS: readonly VerbName[] = [
  ...(['status', 'gate', 'advance', 'rollback', 'rollback after a close'] as const),
  ...(['close', 'reopen', 'doctor', 'stragglers', 'report', 'brownout'] as const),
];
/** Prometheus lags by a minute, which a rollback after a close waits for. */
const PROMETHEUS_READERS = WATCHERS.filter((name) => name !== 'rollback after a close');

const onFile = (name: string, arrange: Fault['arrange'], verbs?: readonly VerbName[]): Fault => ({
  ...{ name, store: 'file', arrange },
  ...(verbs !== undefined && { verbs }),
});
const onAppConfig = (
  name: string,
  arrange: (
    appConfig: NonNullable<Site['appConfig']>,
    ...rest: Parameters<Fault['arrange']>
  ) => ReturnType<Fault['arrange']>,
): Fault => ({
  ...{ name, store: 'appconfig' },
  arrange(site, ...rest) {
    if (site.appConfig === undefined) throw new Error('a site with AppConfig expected');
    return arrange(site.appConfig, site, ...rest);
  },
});

export const STORE_FAULTS: readonly Fault[] = [
  onFile('the flag file is missing', async ({ flagsPath }) => void (await rm(flagsPath))),
  onFile('the flag file cannot be read', async ({ flagsPath }) => {
    await rm(flagsPath);
    await mkdir(flagsPath);
    return undefined;
  }),
  onFile(
    'the flag document is broken',
    async ({ flagsPath }) => void (await writeFile(flagsPath, '{ "issue-target": ')),
  ),
  onAppConfig('the fleet reads another store', (_, { sidecars }) => {
    for (const sidecar of sidecars)
      sidecar.holds = { revision: '7', hash: '0123456789ab', source: 'appconfig orders/staging/crossfade' };
    return undefined;
  }),
  onAppConfig(
    'AppConfig throttles',
    ({ emulator }) => void emulator.faults.set({ kind: 'throttle', plane: 'control' }),
  ),
  onAppConfig('AppConfig hangs', ({ emulator }) => void emulator.faults.set({ kind: 'hang', plane: 'control' })),
  onAppConfig('AppConfig denies access', (appConfig) => {
    appConfig.notice = () => 'AccessDeniedException';
    return undefined;
  }),
  onAppConfig('the AWS credentials are expired', (appConfig) => {
    appConfig.notice = () => 'ExpiredTokenException';
    return undefined;
  }),
  onAppConfig('no region is known', async (_, site) => {
    const { endpoint: _endpoint, region: _region, ...flags } = site.plan.flags;
    await site.writePlan({ flags });
    return undefined;
  }),
  onAppConfig('the profile does not exist', async (_, site) => {
    await site.writePlan({ flags: { ...site.plan.flags, profile: 'crossfaid' } });
    return undefined;
  }),
  onAppConfig('a deployment by hand bakes', async (appConfig) => {
    await deployByHand(appConfig);
    return undefined;
  }),
  onAppConfig('another writer deploys at the same moment', (appConfig) => {
    let isFirst = true;
    appConfig.notice = (method, path) => {
      if (isFirst && method === 'POST' && path.includes('hostedconfigurationversions')) {
        isFirst = false;
        appConfig.emulator.seed({ ...LOCATION, content: appConfig.content({}) });
      }
      return undefined;
    };
    return undefined;
  }),
  onAppConfig('an alarm of the environment is in ALARM', async ({ emulator, seeded, endpoint }) => {
    const alarm = 'arn:aws:cloudwatch:eu-central-1:111122223333:alarm:errors';
    const place = { ApplicationId: seeded.applicationId, EnvironmentId: seeded.environmentId };
    await controlPlane(endpoint).send(new UpdateEnvironmentCommand({ ...place, Monitors: [{ AlarmArn: alarm }] }));
    emulator.setAlarm(alarm, 'ALARM');
    return undefined;
  }),
];

export const FLEET_FAULTS: readonly Fault[] = [
  onFile(
    'every sidecar is dead',
    async (site) => {
      for (const [index, sidecar] of site.sidecars.entries()) sidecar.url = closedPort(index);
      return void (await watchSidecars(site));
    },
    WATCHERS,
  ),
  onFile(
    'one sidecar is dead',
    async (site) => {
      site.sidecars[1].url = closedPort(0);
      return void (await watchSidecars(site));
    },
    WATCHERS,
  ),
  onFile(
    'one sidecar hangs',
    ({ sidecars: [, second] }) => {
      second.instead = () => {};
      return undefined;
    },
    WATCHERS,
  ),
  onFile(
    'one sidecar was paused, and wakes',
    ({ sidecars: [, second] }) => {
      const wakesMs = performance.now() + 1500;
      second.instead = (request, response) =>
        void setTimeout(() => second.answer(request, response), Math.max(0, wakesMs - performance.now()));
      return undefined;
    },
    WATCHERS,
  ),
  onFile(
    'one sidecar stays on an old revision',
    ({ sidecars: [, second] }) => {
      second.holds = { revision: '6', hash: '0123456789ab', source: undefined };
      return undefined;
    },
    WATCHERS,
  ),
  onFile(
    'one API responds 401 to valid target tokens',
    ({ sidecars: [, second] }) => {
      const at = (agoMs: number) => new Date(Date.now() - agoMs).toISOString();
      second.status = {
        validUnauthorized: 3,
        lastValidUnauthorizedAt: at(500),
        apiResponses: {
          legacy: { acceptedAt: null, unauthorizedAt: null },
          target: { acceptedAt: at(60_000), unauthorizedAt: at(500) },
        },
      };
      return undefined;
    },
    WATCHERS,
  ),
  onFile('Prometheus is down', (site) => watchBy(site, closedPort(0)), PROMETHEUS_READERS),
  onFile('Prometheus hangs', async (site, undo) => watchBy(site, await serve(() => {}, undo)), PROMETHEUS_READERS),
  onFile(
    'Prometheus scrapes no sidecar',
    async (site, undo) => {
      const url = await serve((request, response) => {
        const isExpected = (request.url ?? '').includes('expected_instances');
        const result = isExpected ? [{ metric: {}, value: [0, '2'] }] : [];
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
      }, undo);
      return watchBy(site, url);
    },
    PROMETHEUS_READERS,
  ),
];

function watchSidecars({ writePlan, sidecars }: Site): Promise<void> {
  return writePlan({ gate: { sidecars: sidecars.map(({ url }) => url), soak: '0s' } });
}

/** A wait for Prometheus takes more than a minute: it is ended by Ctrl-C, which changes what is said in nothing but the time. */
async function watchBy({ writePlan }: Site, prometheus: string): Promise<Typing> {
  await writePlan({ gate: { prometheus, soak: '0s' } });
  return { interruptAt: /waiting +for/ };
}

export const TERMINAL_FAULTS: readonly Fault[] = [
  { ...onFile('stdout is closed', () => ({ redirection: '>&-' })), isProgram: true },
  { ...onFile('stderr is closed', () => ({ redirection: '2>&-' }), MOVES), isProgram: true },
  onFile('no terminal for the question', () => ({ isUnattended: true }), ['advance', 'close', 'brownout']),
  onFile(
    'Ctrl-C during the wait',
    ({ sidecars }) => {
      for (const sidecar of sidecars) sidecar.holds = { revision: '7', hash: '0123456789ab', source: undefined };
      return { interruptAt: /waiting +for/ };
    },
    ['rollback', 'reopen', 'brownout'],
  ),
  {
    ...onFile(
      'Ctrl-C while an API still refuses legacy',
      ({ sidecars: [, second] }) => {
        second.status = { shown: { legacy: false, target: true } };
        // The first one may take a moment longer to show that it has reopened.
        return { interruptAt: new RegExp(`waiting +for ${second.url},`) };
      },
      ['rollback after a close'],
    ),
    isEndedByOperator: true,
  },
  {
    ...onAppConfig('Ctrl-C during the write', (appConfig, _site, _undo, interrupt) => {
      appConfig.notice = (method, path) => {
        if (method === 'POST' && path.endsWith('/deployments')) interrupt();
        return undefined;
      };
      return undefined;
    }),
    verbs: MOVES,
  },
  {
    ...onFile('the working directory is another one', async ({ folder }) => {
      const cwd = join(folder, 'elsewhere');
      await mkdir(cwd);
      return { cwd };
    }),
    hidesPlan: true,
  },
];

function controlPlane(endpoint: string): AppConfigClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return new AppConfigClient({ endpoint, region: 'local', credentials });
}

async function deployByHand({ seeded, endpoint, content }: NonNullable<Site['appConfig']>): Promise<void> {
  const profile = { ApplicationId: seeded.applicationId, ConfigurationProfileId: seeded.configurationProfileId };
  const client = controlPlane(endpoint);
  const version = await client.send(
    new CreateHostedConfigurationVersionCommand({
      ...{ ...profile, ContentType: 'application/json' },
      Content: Buffer.from(content({})),
    }),
  );
  await client.send(
    new StartDeploymentCommand({
      ...{ ...profile, EnvironmentId: seeded.environmentId },
      ...{ DeploymentStrategyId: 'AppConfig.AllAtOnce', ConfigurationVersion: String(version.VersionNumber) },
      Description: 'by hand',
    }),
  );
  client.destroy();
}
