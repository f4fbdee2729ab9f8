import {
  CreateApplicationCommand,
  CreateConfigurationProfileCommand,
  CreateDeploymentStrategyCommand,
  CreateEnvironmentCommand,
  DeleteApplicationCommand,
  DeleteConfigurationProfileCommand,
  DeleteDeploymentStrategyCommand,
  DeleteEnvironmentCommand,
  GetAccountSettingsCommand,
  GetApplicationCommand,
  GetConfigurationProfileCommand,
  GetDeploymentStrategyCommand,
  GetEnvironmentCommand,
  ListApplicationsCommand,
  ListConfigurationProfilesCommand,
  ListDeploymentStrategiesCommand,
  ListEnvironmentsCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAccountSettingsCommand,
  UpdateApplicationCommand,
  UpdateConfigurationProfileCommand,
  UpdateDeploymentStrategyCommand,
  UpdateEnvironmentCommand,
} from '@aws-sdk/client-appconfig';
import { CONTENT, type Exercise, type ExerciseSetup, untilQuota } from './exercise.ts';

/** A deployment of one day: it keeps its environment and its profile busy. */
async function makeBusy({ createStrategy, deploy, input }: ExerciseSetup): Promise<void> {
  await deploy({ ...input, DeploymentStrategyId: await createStrategy({ duration: 1440 }) }, CONTENT);
}

const createProfile: Exercise['call'] = ({ control }, { ApplicationId, Name }) =>
  control.send(new CreateConfigurationProfileCommand({ ApplicationId, Name, LocationUri: 'hosted' }));

const createEnvironment: Exercise['call'] = ({ control }, { ApplicationId, Name }) =>
  control.send(new CreateEnvironmentCommand({ ApplicationId, Name }));

const createStrategy: Exercise['call'] = ({ control }, { Name }) =>
  control.send(new CreateDeploymentStrategyCommand({ Name, DeploymentDurationInMinutes: 0, GrowthFactor: 100 }));

const createApplication: Exercise['call'] = ({ control }, { Name }) =>
  control.send(new CreateApplicationCommand({ Name }));

function quotaOf(call: Exercise['call']): Exercise {
  return { call, failures: { ServiceQuotaExceededException: (setup, input) => untilQuota(() => call(setup, input)) } };
}

/** How each operation on applications, environments, profiles, strategies, tags and settings is exercised. */
export const RESOURCE_EXERCISES: Readonly<Record<string, Exercise>> = {
  CreateApplication: quotaOf(createApplication),
  GetApplication: { call: ({ control }, input) => control.send(new GetApplicationCommand(input)) },
  ListApplications: { call: ({ control }, input) => control.send(new ListApplicationsCommand(input)) },
  UpdateApplication: { call: ({ control }, input) => control.send(new UpdateApplicationCommand(input)) },
  DeleteApplication: {
    call: ({ control }, input) =>
      control.send(new DeleteApplicationCommand({ ApplicationId: input.EmptyApplicationId })),
  },

  CreateEnvironment: quotaOf(createEnvironment),
  GetEnvironment: { call: ({ control }, input) => control.send(new GetEnvironmentCommand(input)) },
  ListEnvironments: { call: ({ control }, input) => control.send(new ListEnvironmentsCommand(input)) },
  UpdateEnvironment: { call: ({ control }, input) => control.send(new UpdateEnvironmentCommand(input)) },
  DeleteEnvironment: {
    call: ({ control }, input) => control.send(new DeleteEnvironmentCommand(input)),
    failures: {
      async ConflictException(setup, input) {
        await makeBusy(setup);
        return setup.control.send(new DeleteEnvironmentCommand(input));
      },
    },
  },

  CreateConfigurationProfile: quotaOf(createProfile),
  GetConfigurationProfile: { call: ({ control }, input) => control.send(new GetConfigurationProfileCommand(input)) },
  ListConfigurationProfiles: {
    call: ({ control }, input) => control.send(new ListConfigurationProfilesCommand(input)),
  },
  UpdateConfigurationProfile: {
    call: ({ control }, input) => control.send(new UpdateConfigurationProfileCommand(input)),
  },
  DeleteConfigurationProfile: {
    call: ({ control }, { ApplicationId, EmptyProfileId }) =>
      control.send(new DeleteConfigurationProfileCommand({ ApplicationId, ConfigurationProfileId: EmptyProfileId })),
    failures: {
      async ConflictException(setup, input) {
        await makeBusy(setup);
        return setup.control.send(new DeleteConfigurationProfileCommand(input));
      },
    },
  },

  CreateDeploymentStrategy: quotaOf(createStrategy),
  GetDeploymentStrategy: { call: ({ control }, input) => control.send(new GetDeploymentStrategyCommand(input)) },
  ListDeploymentStrategies: {
    call: ({ control }, input) => control.send(new ListDeploymentStrategiesCommand(input)),
  },
  UpdateDeploymentStrategy: {
    call: ({ control }, input) => control.send(new UpdateDeploymentStrategyCommand(input)),
  },
  DeleteDeploymentStrategy: {
    call: ({ control }, input) => control.send(new DeleteDeploymentStrategyCommand(input)),
  },

  TagResource: {
    call: ({ control }, { ResourceArn }) => control.send(new TagResourceCommand({ ResourceArn, Tags: { team: 'a' } })),
  },
  UntagResource: {
    call: ({ control }, { ResourceArn }) => control.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['team'] })),
  },
  ListTagsForResource: { call: ({ control }, input) => control.send(new ListTagsForResourceCommand(input)) },

  GetAccountSettings: { call: ({ control }) => control.send(new GetAccountSettingsCommand({})) },
  UpdateAccountSettings: {
    call: ({ control }, { ProtectionPeriodInMinutes }) =>
      control.send(new UpdateAccountSettingsCommand({ DeletionProtection: { ProtectionPeriodInMinutes } })),
  },
};
