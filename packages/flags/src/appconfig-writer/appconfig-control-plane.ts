import {
  AppConfigClient,
  type AppConfigClientConfig,
  CreateHostedConfigurationVersionCommand,
  type DeploymentSummary,
  GetDeploymentCommand,
  type GetDeploymentCommandOutput,
  GetHostedConfigurationVersionCommand,
  paginateListDeployments,
  paginateListHostedConfigurationVersions,
  StartDeploymentCommand,
  StopDeploymentCommand,
} from '@aws-sdk/client-appconfig';
import { type AppConfigLocation, UnavailableError } from '@crossfade/core';
import { awsClientConfig } from '../appconfig/aws-client-config.ts';
import { decodeText } from '../polling/decode-text.ts';
import { type AppConfigIds, resolveLocation } from './appconfig-location.ts';
import { callControlPlane } from './call-control-plane.ts';
import { findStrategy, lookUpStrategy } from './deployment-strategy.ts';

export interface ControlPlaneOptions extends AppConfigLocation {
  readonly timeoutMs: number;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly clientConfig?: AppConfigClientConfig | undefined;
}

/** The calls to AppConfig's control plane that the writer needs, at one location. Rejects with core's errors only. */
export interface AppConfigControlPlane {
  ids(): Promise<AppConfigIds>;
  /** The environment's deployments, of every profile, newest first. */
  deployments(): AsyncIterable<DeploymentSummary>;
  deployment(number: number): Promise<GetDeploymentCommandOutput>;
  /** The hosted versions, deployed or not, newest first. */
  versions(): Promise<readonly VersionSummary[]>;
  region(): Promise<string>;
  /** The id of Crossfade's deployment strategy; `undefined` if the account lacks it. */
  strategy(): Promise<string | undefined>;
  hostedVersion(versionNumber: number): Promise<HostedVersion>;
  createVersion(version: NewVersion): Promise<number>;
  startDeployment(deployment: NewDeployment): Promise<number>;
  stopDeployment(number: number): Promise<void>;
}

/** A hosted version without its content. */
export interface VersionSummary {
  readonly number: number;
  /** Set by its author, if at all. */
  readonly description: string | undefined;
}

interface HostedVersion {
  readonly content: string;
  /** Set by the author of the version, if at all. */
  readonly description: string | undefined;
}

interface NewVersion {
  readonly content: string;
  readonly label: string;
  readonly description: string;
  /** AppConfig refuses the call unless this is still the newest version. */
  readonly expectedNewest: number | null;
}

interface NewDeployment {
  readonly versionNumber: number;
  readonly description: string;
  /** AppConfig refuses the call unless this is still the newest deployment. */
  readonly expectedNewest: number | null;
}

export function createAppConfigControlPlane(options: ControlPlaneOptions): AppConfigControlPlane {
  const config = { ...awsClientConfig(options), ...options.clientConfig };
  const reader = new AppConfigClient(config);
  // A retry after a lost response would conflict with its own first attempt and report another writer.
  const writer = new AppConfigClient({ ...config, maxAttempts: 1 });
  let resolved: AppConfigIds | undefined;
  let strategy: string | undefined;

  async function ids(): Promise<AppConfigIds> {
    resolved ??= await resolveLocation(reader, options);
    return resolved;
  }

  async function environment(): Promise<Pick<AppConfigIds, 'ApplicationId' | 'EnvironmentId'>> {
    const { ApplicationId, EnvironmentId } = await ids();
    return { ApplicationId, EnvironmentId };
  }

  async function profile(): Promise<Pick<AppConfigIds, 'ApplicationId' | 'ConfigurationProfileId'>> {
    const { ApplicationId, ConfigurationProfileId } = await ids();
    return { ApplicationId, ConfigurationProfileId };
  }

  return {
    ids,
    async *deployments() {
      const pages = paginateListDeployments({ client: reader }, await environment())[Symbol.asyncIterator]();
      for (;;) {
        const page = await callControlPlane('list the deployments', () => pages.next());
        if (page.done === true) return;
        yield* page.value.Items ?? [];
      }
    },
    async deployment(number) {
      const input = { ...(await environment()), DeploymentNumber: number };
      return callControlPlane(`describe deployment ${number}`, () => reader.send(new GetDeploymentCommand(input)));
    },
    async versions() {
      const input = await profile();
      return callControlPlane('list the hosted versions', async () => {
        const versions: VersionSummary[] = [];
        for await (const { Items = [] } of paginateListHostedConfigurationVersions({ client: reader }, input)) {
          for (const { VersionNumber, Description } of Items)
            if (VersionNumber !== undefined)
              versions.push({ number: VersionNumber, description: Description || undefined });
        }
        return versions.sort((one, other) => other.number - one.number);
      });
    },
    region: () => reader.config.region(),
    async strategy() {
      strategy ??= await lookUpStrategy(reader);
      return strategy;
    },
    async hostedVersion(versionNumber) {
      const command = new GetHostedConfigurationVersionCommand({ ...(await profile()), VersionNumber: versionNumber });
      const response = await callControlPlane(`return hosted version ${versionNumber}`, () => reader.send(command));
      return {
        content: decodeText(response.Content ?? new Uint8Array()),
        description: response.Description || undefined,
      };
    },
    async createVersion({ content, label, description, expectedNewest }) {
      const command = new CreateHostedConfigurationVersionCommand({
        ...(await profile()),
        Content: new TextEncoder().encode(content),
        ContentType: 'application/json',
        Description: description,
        VersionLabel: label,
        ...(expectedNewest !== null && { LatestVersionNumber: expectedNewest }),
      });
      const response = await callControlPlane('store the flags', () => writer.send(command));
      return required(response.VersionNumber, 'the number of the version it stored');
    },
    async startDeployment({ versionNumber, description, expectedNewest }) {
      strategy ??= await findStrategy(writer);
      const command = new StartDeploymentCommand({
        ...(await ids()),
        DeploymentStrategyId: strategy,
        ConfigurationVersion: String(versionNumber),
        Description: description,
        ...(expectedNewest !== null && { LatestDeploymentNumber: expectedNewest }),
      });
      const response = await callControlPlane('start the deployment', () => writer.send(command));
      return required(response.DeploymentNumber, 'the number of the deployment it started');
    },
    async stopDeployment(number) {
      const command = new StopDeploymentCommand({ ...(await environment()), DeploymentNumber: number });
      await callControlPlane(`stop deployment ${number}`, () => writer.send(command));
    },
  };
}

function required<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw new UnavailableError(`AppConfig's response lacks ${what}`);
}
