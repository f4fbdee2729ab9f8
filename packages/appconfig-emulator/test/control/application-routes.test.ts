import {
  BadRequestException,
  CreateApplicationCommand,
  DeleteApplicationCommand,
  GetApplicationCommand,
  ListApplicationsCommand,
  paginateListApplications,
  ResourceNotFoundException,
  ServiceQuotaExceededException,
  UpdateApplicationCommand,
} from '@aws-sdk/client-appconfig';
import { expect, test } from 'vitest';
import { present, rejection, startEmulator } from '../fixture.ts';

test('an application is created, shown, listed, changed and deleted', async () => {
  const { control } = await startEmulator();
  const created = await control.send(new CreateApplicationCommand({ Name: 'orders', Description: 'the API' }));
  expect(created).toMatchObject({
    Id: expect.stringMatching(/^[a-z0-9]{4,7}$/),
    Name: 'orders',
    Description: 'the API',
    $metadata: { httpStatusCode: 201 },
  });
  const ApplicationId = present(created.Id);

  await control.send(new UpdateApplicationCommand({ ApplicationId, Name: 'orders-api' }));
  expect(await control.send(new GetApplicationCommand({ ApplicationId }))).toMatchObject({
    Name: 'orders-api',
    Description: 'the API',
  });
  expect((await control.send(new ListApplicationsCommand({}))).Items).toHaveLength(1);

  expect((await control.send(new DeleteApplicationCommand({ ApplicationId }))).$metadata.httpStatusCode).toBe(204);
  expect(
    await rejection(control.send(new GetApplicationCommand({ ApplicationId })), ResourceNotFoundException),
  ).toMatchObject({
    ResourceName: 'Application',
    $metadata: { httpStatusCode: 404 },
  });
});

test('a name that is too long or missing is rejected', async () => {
  const { control } = await startEmulator();
  const error = await rejection(
    control.send(new CreateApplicationCommand({ Name: 'x'.repeat(65) })),
    BadRequestException,
  );
  expect(error.message).toContain('Name');
  await rejection(control.send(new CreateApplicationCommand({ Name: undefined })), BadRequestException);
});

test('an application is not deleted while it has environments or profiles', async () => {
  const { control, createAll } = await startEmulator();
  const { ApplicationId } = await createAll();
  await rejection(control.send(new DeleteApplicationCommand({ ApplicationId })), BadRequestException);
});

test('lists are paginated, and an account has at most 100 applications', async () => {
  const { control } = await startEmulator();
  for (let index = 0; index < 100; index += 1)
    await control.send(new CreateApplicationCommand({ Name: `app-${index}` }));
  await rejection(control.send(new CreateApplicationCommand({ Name: 'one too many' })), ServiceQuotaExceededException);

  const names: (string | undefined)[] = [];
  for await (const page of paginateListApplications({ client: control, pageSize: 30 }, {}))
    names.push(...(page.Items ?? []).map(({ Name }) => Name));
  expect(names).toEqual(Array.from({ length: 100 }, (_, index) => `app-${index}`));
  expect((await control.send(new ListApplicationsCommand({}))).Items).toHaveLength(50);
});
