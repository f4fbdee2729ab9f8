import {
  BadRequestException,
  ConflictException,
  CreateHostedConfigurationVersionCommand,
  DeleteHostedConfigurationVersionCommand,
  GetHostedConfigurationVersionCommand,
  ListHostedConfigurationVersionsCommand,
  PayloadTooLargeException,
  ResourceNotFoundException,
  ValidateConfigurationCommand,
} from '@aws-sdk/client-appconfig';
import { describe, expect, it } from 'vitest';
import { flagDocument, rejection, startEmulator } from '../fixture.ts';

const CONTENT = flagDocument({ 'issue-target': { enabled: false } });

async function startWithProfile() {
  const emulator = await startEmulator();
  const { ApplicationId, ConfigurationProfileId } = await emulator.createAll();
  const id = { ApplicationId, ConfigurationProfileId };
  const create = (given: { content?: string; latest?: number; label?: string; description?: string } = {}) =>
    emulator.control.send(
      new CreateHostedConfigurationVersionCommand({
        ...id,
        Content: Buffer.from(given.content ?? CONTENT),
        ContentType: 'application/json',
        LatestVersionNumber: given.latest,
        VersionLabel: given.label,
        Description: given.description,
      }),
    );
  return { ...emulator, id, create };
}

describe('hosted configuration versions', () => {
  it('are created and read back byte by byte, with everything in headers', async () => {
    const { control, id, create } = await startWithProfile();
    const created = await create({ label: 'v-one', description: 'the first' });
    expect(created).toMatchObject({
      ...id,
      VersionNumber: 1,
      VersionLabel: 'v-one',
      Description: 'the first',
      ContentType: 'application/json',
    });
    const read = await control.send(new GetHostedConfigurationVersionCommand({ ...id, VersionNumber: 1 }));
    expect(read).toMatchObject({
      ...id,
      VersionNumber: 1,
      VersionLabel: 'v-one',
      Description: 'the first',
      ContentType: 'application/json',
    });
    expect(Buffer.from(read.Content ?? []).toString()).toBe(CONTENT);
  });

  it('are listed newest first, by label too, and deleted', async () => {
    const { control, id, create } = await startWithProfile();
    await create({ label: 'v-one' });
    await create({ label: 'v-two' });
    await create();
    const list = async (VersionLabel?: string) => {
      const { Items = [] } = await control.send(new ListHostedConfigurationVersionsCommand({ ...id, VersionLabel }));
      return Items.map(({ VersionNumber }) => VersionNumber);
    };
    expect(await list()).toEqual([3, 2, 1]);
    expect(await list('v-one')).toEqual([1]);
    expect(await list('v-*')).toEqual([2, 1]);
    await control.send(new DeleteHostedConfigurationVersionCommand({ ...id, VersionNumber: 3 }));
    expect(await list()).toEqual([2, 1]);
    await rejection(
      control.send(new GetHostedConfigurationVersionCommand({ ...id, VersionNumber: 3 })),
      ResourceNotFoundException,
    );
    expect((await create()).VersionNumber).toBe(4);
  });

  it('are locked by the latest version number: of two writers that saw the same one, one fails', async () => {
    const { create } = await startWithProfile();
    await create({ latest: 0 });
    const writers = await Promise.allSettled([create({ latest: 1 }), create({ latest: 1 })]);
    expect(writers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await rejection(create({ latest: 1 }), ConflictException)).toMatchObject({
      $metadata: { httpStatusCode: 409 },
    });
    await create({ latest: 2 });
  });

  it('have unique labels that are not numbers', async () => {
    const { create } = await startWithProfile();
    await create({ label: 'v-one' });
    await rejection(create({ label: 'v-one' }), ConflictException);
    await rejection(create({ label: '17' }), BadRequestException);
  });

  it('are rejected with the reason and every location when a flag document is invalid', async () => {
    const { create } = await startWithProfile();
    const error = await rejection(
      create({ content: '{"version":"1","flags":{},"values":{"a":{"enabled":true}}}' }),
      BadRequestException,
    );
    expect(error).toMatchObject({
      Reason: 'InvalidConfiguration',
      Details: {
        InvalidConfiguration: [
          { Location: '/values/a', Constraint: 'definition', Reason: 'has no definition in flags' },
        ],
      },
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('are rejected when they are empty or larger than 2048 KB', async () => {
    const { create } = await startWithProfile();
    await rejection(create({ content: '' }), BadRequestException);
    for (const extra of [1, 4096]) {
      const error = await rejection(create({ content: 'x'.repeat(2048 * 1024 + extra) }), PayloadTooLargeException);
      expect(error).toMatchObject({
        Measure: 'KILOBYTES',
        Limit: 2048,
        Size: 2048 + Math.ceil(extra / 1024),
        $metadata: { httpStatusCode: 413 },
      });
    }
  });

  it('can be validated again', async () => {
    const { control, id, create } = await startWithProfile();
    await create();
    await control.send(new ValidateConfigurationCommand({ ...id, ConfigurationVersion: '1' }));
    await rejection(
      control.send(new ValidateConfigurationCommand({ ...id, ConfigurationVersion: '2' })),
      ResourceNotFoundException,
    );
  });
});
