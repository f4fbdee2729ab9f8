import { CreateApplicationCommand, CreateConfigurationProfileCommand } from '@aws-sdk/client-appconfig';
import { flagDocument, type Place, present, startEmulator } from '../fixture.ts';
import { type Answer, recordInto } from './recorder.ts';

export const CONTENT = flagDocument({ a: { enabled: true } });

/** All that one call of any operation takes. One thing out of it made wrong is a bad request, or a missing resource. */
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

export type World = Awaited<ReturnType<typeof startWorld>>;

/** How an operation is called, and how it is made to fail in ways of its own. */
export interface Exercise {
  readonly call: (world: World, input: Input) => Promise<unknown>;
  /** Beside those that {@link WRONG} brings about. */
  readonly failures?: Readonly<Record<string, (world: World, input: Input) => Promise<unknown>>>;
}

/** What makes any call fail, by the exception it fails with. */
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

/** An emulator with one of everything, version 1 deployed, and clients that write down every answer. */
export async function startWorld(answers: Answer[]) {
  const emulator = await startEmulator();
  const place = await emulator.createAll();
  await emulator.deploy(place, CONTENT);
  const { control, data } = emulator;
  const { ApplicationId } = place;
  const empty = await control.send(new CreateApplicationCommand({ Name: 'empty' }));
  const profile = await control.send(
    new CreateConfigurationProfileCommand({ ApplicationId, Name: 'empty', LocationUri: 'hosted' }),
  );
  control.middlewareStack.add(recordInto(answers), { step: 'deserialize', priority: 'high', name: 'record' });
  data.middlewareStack.add(recordInto(answers), { step: 'deserialize', priority: 'high', name: 'record' });
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

/** Calls until a quota is reached, which the last call fails with. */
export async function untilQuota(call: () => Promise<unknown>): Promise<unknown> {
  for (let count = 0; count < 101; count += 1) await call();
  return undefined;
}
