import { AppConfigServiceException, CreateExtensionCommand, GetConfigurationCommand } from '@aws-sdk/client-appconfig';
import { expect, test } from 'vitest';
import { rejection, startEmulator } from '../fixture.ts';

test.each([
  [new CreateExtensionCommand({ Name: 'a', Actions: {} }), 'CreateExtension', 'an extension is Lambda'],
  [
    new GetConfigurationCommand({ Application: 'a', Environment: 'b', Configuration: 'c', ClientId: 'd' }),
    'GetConfiguration',
    'GetLatestConfiguration',
  ],
] as const)('%# is not here: the error has its name, says why, and is not retried', async (command, operation, why) => {
  const { control } = await startEmulator();
  // The two commands have different outputs, which nobody gets here.
  const call = command instanceof CreateExtensionCommand ? control.send(command) : control.send(command);
  expect(await rejection(call, AppConfigServiceException)).toMatchObject({
    name: 'NotImplementedException',
    message: expect.stringContaining(why),
    Operation: operation,
    $metadata: { httpStatusCode: 501, attempts: 1 },
  });
});
