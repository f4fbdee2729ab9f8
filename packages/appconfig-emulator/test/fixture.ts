import {
  AppConfigClient,
  CreateApplicationCommand,
  CreateConfigurationProfileCommand,
  CreateDeploymentStrategyCommand,
  CreateEnvironmentCommand,
  CreateHostedConfigurationVersionCommand,
  StartDeploymentCommand,
  type StartDeploymentCommandOutput,
} from '@aws-sdk/client-appconfig';
import {
  AppConfigDataClient,
  GetLatestConfigurationCommand,
  StartConfigurationSessionCommand,
} from '@aws-sdk/client-appconfigdata';
import { onTestFinished } from 'vitest';
import { createEmulator, type EmulatorOptions } from '../src/emulator.ts';

const START_MS = Date.UTC(2026, 0, 1);

/** A signature without real credentials; the emulator checks only its form. */
export const SIGNED =
  'AWS4-HMAC-SHA256 Credential=a/20260101/eu-central-1/appconfig/aws4_request, SignedHeaders=host, Signature=0';

export interface Place {
  readonly ApplicationId: string;
  readonly EnvironmentId: string;
  readonly ConfigurationProfileId: string;
  readonly DeploymentStrategyId: string;
}

/** Starts an emulator on a fixed clock, with the official clients connected to it. */
export async function startEmulator(options: EmulatorOptions = {}) {
  const emulator = createEmulator({ now: () => START_MS, ...options });
  const { url } = await emulator.listen();
  const config = {
    endpoint: url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    maxAttempts: 1,
  };
  const control = new AppConfigClient(config);
  const data = new AppConfigDataClient(config);
  onTestFinished(async () => {
    control.destroy();
    data.destroy();
    await emulator.close();
  });

  /** Starts a session of `orders/live/flags`; `null` asks for no interval. */
  async function start(intervalSeconds: number | null = 15): Promise<string> {
    const { InitialConfigurationToken } = await data.send(
      new StartConfigurationSessionCommand({
        ApplicationIdentifier: 'orders',
        EnvironmentIdentifier: 'live',
        ConfigurationProfileIdentifier: 'flags',
        RequiredMinimumPollIntervalInSeconds: intervalSeconds ?? undefined,
      }),
    );
    return present(InitialConfigurationToken);
  }

  async function poll(token: string) {
    const response = await data.send(new GetLatestConfigurationCommand({ ConfigurationToken: token }));
    const text = Buffer.from(response.Configuration ?? []).toString('utf8');
    return { ...response, text, token: present(response.NextPollConfigurationToken) };
  }

  /** Creates `orders`, its environment `live`, its feature flag profile `flags` and a strategy without growth or bake. */
  async function createAll(): Promise<Place> {
    const ApplicationId = present((await control.send(new CreateApplicationCommand({ Name: 'orders' }))).Id);
    const environment = await control.send(new CreateEnvironmentCommand({ ApplicationId, Name: 'live' }));
    const profile = await control.send(
      new CreateConfigurationProfileCommand({
        ApplicationId,
        Name: 'flags',
        LocationUri: 'hosted',
        Type: 'AWS.AppConfig.FeatureFlags',
      }),
    );
    const DeploymentStrategyId = await createStrategy({});
    return {
      ApplicationId,
      EnvironmentId: present(environment.Id),
      ConfigurationProfileId: present(profile.Id),
      DeploymentStrategyId,
    };
  }

  async function createStrategy(given: {
    duration?: number;
    growth?: number;
    bake?: number;
    type?: 'LINEAR' | 'EXPONENTIAL';
  }): Promise<string> {
    const { duration = 0, growth = 100, bake = 0, type } = given;
    const strategy = await control.send(
      new CreateDeploymentStrategyCommand({
        Name: 'own',
        DeploymentDurationInMinutes: duration,
        GrowthFactor: growth,
        FinalBakeTimeInMinutes: bake,
        GrowthType: type,
        ReplicateTo: 'NONE',
      }),
    );
    return present(strategy.Id);
  }

  async function createVersion({ ApplicationId, ConfigurationProfileId }: Place, content: string): Promise<number> {
    const version = await control.send(
      new CreateHostedConfigurationVersionCommand({
        ApplicationId,
        ConfigurationProfileId,
        Content: Buffer.from(content),
        ContentType: 'application/json',
      }),
    );
    return present(version.VersionNumber);
  }

  async function deploy(place: Place, content: string): Promise<StartDeploymentCommandOutput> {
    const version = await createVersion(place, content);
    return control.send(new StartDeploymentCommand({ ...place, ConfigurationVersion: String(version) }));
  }

  return {
    emulator,
    url,
    clock: emulator.clock,
    control,
    data,
    start,
    poll,
    createAll,
    createStrategy,
    createVersion,
    deploy,
  };
}

/** Creates a feature flag document in AWS's shape that defines every attribute of the values. */
export function flagDocument(values: Readonly<Record<string, Readonly<Record<string, unknown>>>>): string {
  const flags = Object.entries(values).map(([flag, value]) => {
    const attributes = Object.entries(value).filter(([name]) => name !== 'enabled');
    const definitions = attributes.map(([name, given]) => [
      name,
      { constraints: { type: Array.isArray(given) ? 'array' : typeof given } },
    ]);
    return [flag, { name: flag, attributes: Object.fromEntries(definitions) }];
  });
  return JSON.stringify({ version: '1', flags: Object.fromEntries(flags), values });
}

export function present<T>(value: T | undefined | null): T {
  if (value === undefined || value === null) throw new Error('the response lacks a required member');
  return value;
}

/** Returns the error of a call that must fail, as the exception class of the SDK. */
export async function rejection<T extends Error>(
  call: Promise<unknown>,
  type: abstract new (...given: never[]) => T,
): Promise<T> {
  const error = await call.then(
    () => new Error('the call succeeded'),
    (reason: unknown) => reason,
  );
  if (error instanceof type) return error;
  throw error;
}
