import { AppConfigServiceException, GetAccountSettingsCommand } from '@aws-sdk/client-appconfig';
import { expect, test } from 'vitest';
import { startEmulator } from './fixture.ts';

test('an operation that is not emulated says so', async () => {
  const { control } = await startEmulator();
  await expect(control.send(new GetAccountSettingsCommand({}))).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: expect.stringContaining('GET /settings'),
    $metadata: { httpStatusCode: 404 },
  });
  await expect(control.send(new GetAccountSettingsCommand({}))).rejects.toBeInstanceOf(AppConfigServiceException);
});

test('every answer has a request id, and every error its type in a header', async () => {
  const { url } = await startEmulator();
  const good = await fetch(`${url}/applications`);
  expect(good.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  const bad = await fetch(`${url}/applications/nope`);
  expect(bad.headers.get('x-amzn-errortype')).toBe('ResourceNotFoundException');
  expect(bad.headers.get('x-amzn-requestid')).not.toBe(good.headers.get('x-amzn-requestid'));
});

test.each(['{', '[]', '"x"', '{"Name":null}'])('a body of %s is a bad request, not a crash', async (body) => {
  const { url } = await startEmulator();
  const answer = await fetch(`${url}/applications`, { method: 'POST', body });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toEqual({ Message: expect.any(String) });
});
