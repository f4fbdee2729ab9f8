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
import { CONTENT, type Exercise, type ExerciseSetup, type Input } from './exercise.ts';

const DAY_MS = 24 * 3_600_000;

function createVersion({ control }: ExerciseSetup, input: Input, content: string | Uint8Array, lock?: number) {
  return control.send(
    new CreateHostedConfigurationVersionCommand({
      ...input,
      Content: Buffer.from(content),
      ContentType: 'application/json',
      LatestVersionNumber: lock,
    }),
  );
}

function startDeployment({ control }: ExerciseSetup, input: Input, lock?: number) {
  return control.send(
    new StartDeploymentCommand({ ...input, ConfigurationVersion: '1', LatestDeploymentNumber: lock }),
  );
}

/** How each operation on versions and deployments, and the two of the data plane, are exercised. */
export const DEPLOYMENT_EXERCISES: Readonly<Record<string, Exercise>> = {
  CreateHostedConfigurationVersion: {
    call: (setup, input) => createVersion(setup, input, CONTENT),
    failures: {
      ConflictException: (setup, input) => createVersion(setup, input, CONTENT, 7),
      PayloadTooLargeException: (setup, input) => createVersion(setup, input, Buffer.alloc(2048 * 1024 + 1)),
      'BadRequestException (no JSON)': (setup, input) => createVersion(setup, input, 'no JSON'),
      'BadRequestException (no flags)': (setup, input) => createVersion(setup, input, '{}'),
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
    call: (setup, input) => startDeployment(setup, input),
    failures: { ConflictException: (setup, input) => startDeployment(setup, input, 7) },
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
    // The token is fetched first, so that the fault applies to the poll itself.
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
