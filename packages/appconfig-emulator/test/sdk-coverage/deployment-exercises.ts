import {
  CreateHostedConfigurationVersionCommand,
  DeleteHostedConfigurationVersionCommand,
  GetDeploymentCommand,
  GetHostedConfigurationVersionCommand,
  ListDeploymentsCommand,
  ListHostedConfigurationVersionsCommand,
  StartDeploymentCommand,
  StopDeploymentCommand,
  ValidateConfigurationCommand,
} from '@aws-sdk/client-appconfig';
import { GetLatestConfigurationCommand, StartConfigurationSessionCommand } from '@aws-sdk/client-appconfigdata';
import { CONTENT, type Exercise, type Input, type World } from './exercise.ts';

const DAY_MS = 24 * 3_600_000;

function createVersion({ control }: World, input: Input, content: string | Uint8Array, lock?: number) {
  return control.send(
    new CreateHostedConfigurationVersionCommand({
      ...input,
      Content: Buffer.from(content),
      ContentType: 'application/json',
      LatestVersionNumber: lock,
    }),
  );
}

function startDeployment({ control }: World, input: Input, lock?: number) {
  return control.send(
    new StartDeploymentCommand({ ...input, ConfigurationVersion: '1', LatestDeploymentNumber: lock }),
  );
}

/** How each operation on versions and deployments, and the two of the data plane, are exercised. */
export const DEPLOYMENT_EXERCISES: Readonly<Record<string, Exercise>> = {
  CreateHostedConfigurationVersion: {
    call: (world, input) => createVersion(world, input, CONTENT),
    failures: {
      ConflictException: (world, input) => createVersion(world, input, CONTENT, 7),
      PayloadTooLargeException: (world, input) => createVersion(world, input, Buffer.alloc(2048 * 1024 + 1)),
      'BadRequestException (no JSON)': (world, input) => createVersion(world, input, 'no JSON'),
      'BadRequestException (no flags)': (world, input) => createVersion(world, input, '{}'),
    },
  },
  GetHostedConfigurationVersion: {
    call: ({ control }, input) =>
      control.send(new GetHostedConfigurationVersionCommand({ ...input, VersionNumber: 1 })),
  },
  ListHostedConfigurationVersions: {
    call: ({ control }, input) => control.send(new ListHostedConfigurationVersionsCommand(input)),
  },
  DeleteHostedConfigurationVersion: {
    call: ({ control }, input) =>
      control.send(new DeleteHostedConfigurationVersionCommand({ ...input, VersionNumber: 1 })),
  },
  ValidateConfiguration: {
    call: ({ control }, input) =>
      control.send(new ValidateConfigurationCommand({ ...input, ConfigurationVersion: '1' })),
  },

  StartDeployment: {
    call: (world, input) => startDeployment(world, input),
    failures: { ConflictException: (world, input) => startDeployment(world, input, 7) },
  },
  GetDeployment: {
    call: ({ control }, input) => control.send(new GetDeploymentCommand({ ...input, DeploymentNumber: 1 })),
  },
  ListDeployments: { call: ({ control }, input) => control.send(new ListDeploymentsCommand(input)) },
  StopDeployment: {
    call: ({ control }, input) =>
      control.send(new StopDeploymentCommand({ ...input, DeploymentNumber: 1, AllowRevert: true })),
  },

  StartConfigurationSession: {
    call: ({ data }, { ApplicationIdentifier, RequiredMinimumPollIntervalInSeconds }) =>
      data.send(
        new StartConfigurationSessionCommand({
          ApplicationIdentifier,
          EnvironmentIdentifier: 'live',
          ConfigurationProfileIdentifier: 'flags',
          RequiredMinimumPollIntervalInSeconds,
        }),
      ),
  },
  GetLatestConfiguration: {
    // The token is got beforehand, so that a fault strikes the poll itself.
    call: ({ data, tokens }) => data.send(new GetLatestConfigurationCommand({ ConfigurationToken: tokens.shift() })),
    failures: {
      'BadRequestException (Corrupted)': ({ poll }) => poll('corrupted'),
      async 'BadRequestException (PollIntervalNotSatisfied)'({ start, poll }) {
        return poll((await poll(await start())).token);
      },
      async 'BadRequestException (Expired)'({ start, poll, clock }) {
        const token = await start();
        clock.advance(DAY_MS + 1);
        return poll(token);
      },
      async ResourceNotFoundException({ control, start, poll, input }) {
        const token = await start();
        await control.send(new StopDeploymentCommand({ ...input, DeploymentNumber: 1, AllowRevert: true }));
        return poll(token);
      },
    },
  },
};
