import { AppConfigServiceException, CreateExtensionCommand, GetConfigurationCommand } from '@aws-sdk/client-appconfig';
import { expect, test } from 'vitest';
import { rejection, startEmulator } from '../fixture.ts';

test.each([
  [new CreateExtensionCommand({ Name: 'a', Actions: {} }), 'CreateExtension', 'extensions run on Lambda'],
  [
    new GetConfigurationCommand({ Application: 'a', Environment: 'b', Configuration: 'c', ClientId: 'd' }),
    'GetConfiguration',
    'GetLatestConfiguration',
  ],
] as const)(
  'unsupported operation %#: the error has its name and the reason, and is not retried',
  async (command, operation, why) => {
    const { control } = await startEmulator();
    // The two commands have different output types, so each needs a call of its own.
    const call = command instanceof CreateExtensionCommand ? control.send(command) : control.send(command);
    expect(await rejection(call, AppConfigServiceException)).toMatchObject({
      name: 'NotImplementedException',
      message: expect.stringContaining(why),
      Operation: operation,
      $metadata: { httpStatusCode: 501, attempts: 1 },
    });
  },
);
