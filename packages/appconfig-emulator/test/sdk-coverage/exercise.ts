import { CreateApplicationCommand, CreateConfigurationProfileCommand } from '@aws-sdk/client-appconfig';
import { flagDocument, type Place, present, startEmulator } from '../fixture.ts';
import { type RecordedResponse, recordInto } from './recorder.ts';

export const CONTENT = flagDocument({ a: { enabled: true } });

/** Valid input for any operation. Each entry of {@link WRONG} makes it a bad request or names a missing resource. */
export interface Input extends Place {
  readonly Name: string;
  readonly MaxResults: number;
  readonly ResourceArn: string;
  readonly ProtectionPeriodInMinutes: number;
  readonly RequiredMinimumPollIntervalInSeconds: number;
  readonly ApplicationIdentifier: string;
  readonly EmptyApplicationId: string;
  readonly EmptyProfileId: string;
}

export type ExerciseSetup = Awaited<ReturnType<typeof startSetup>>;

/** How to call an operation, and how to make it fail in its own ways. */
export interface Exercise {
  readonly call: (setup: ExerciseSetup, input: Input) => Promise<unknown>;
  /** Failures in addition to those of {@link WRONG}. */
  readonly failures?: Readonly<Record<string, (setup: ExerciseSetup, input: Input) => Promise<unknown>>>;
}

/** Input that makes any call fail, by exception. */
export const WRONG: Readonly<Record<string, Partial<Input>>> = {
  BadRequestException: {
    ApplicationId: 'NO ID',
    DeploymentStrategyId: 'NO ID',
    EmptyApplicationId: 'NO ID',
    Name: '',
    MaxResults: 51,
    ResourceArn: 'arn:aws:s3:::a-bucket-not-of-appconfig',
    ProtectionPeriodInMinutes: 14,
    RequiredMinimumPollIntervalInSeconds: 14,
  },
  ResourceNotFoundException: {
    ApplicationId: 'nope',
    DeploymentStrategyId: 'nope',
    EmptyApplicationId: 'nope',
    ResourceArn: 'arn:aws:appconfig:eu-central-1:123456789012:application/nope',
    ApplicationIdentifier: 'nope',
  },
};

/** Starts an emulator with one of everything, version 1 deployed, and clients that record every response. */
export async function startSetup(responses: RecordedResponse[]) {
  const emulator = await startEmulator();
  const place = await emulator.createAll();
  await emulator.deploy(place, CONTENT);
  const { control, data } = emulator;
  const { ApplicationId } = place;
  const empty = await control.send(new CreateApplicationCommand({ Name: 'empty' }));
  const profile = await control.send(
    new CreateConfigurationProfileCommand({ ApplicationId, Name: 'empty', LocationUri: 'hosted' }),
  );
  control.middlewareStack.add(recordInto(responses), { step: 'deserialize', priority: 'high', name: 'record' });
  data.middlewareStack.add(recordInto(responses), { step: 'deserialize', priority: 'high', name: 'record' });
  const tokens = await Promise.all([1, 2, 3, 4].map(() => emulator.start()));
  const input: Input = {
    ...place,
    Name: 'name',
    MaxResults: 50,
    ResourceArn: `arn:aws:appconfig:eu-central-1:123456789012:application/${ApplicationId}`,
    ProtectionPeriodInMinutes: 60,
    RequiredMinimumPollIntervalInSeconds: 15,
    ApplicationIdentifier: 'orders',
    EmptyApplicationId: present(empty.Id),
    EmptyProfileId: present(profile.Id),
  };
  return { ...emulator, input, tokens };
}

/** Repeats a call until it fails because of a quota. */
export async function untilQuota(call: () => Promise<unknown>): Promise<unknown> {
  for (let count = 0; count < 101; count += 1) await call();
  return undefined;
}
