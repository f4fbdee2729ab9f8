import {
  BadRequestException,
  CreateConfigurationProfileCommand,
  CreateHostedConfigurationVersionCommand,
  StartDeploymentCommand,
  UpdateConfigurationProfileCommand,
  ValidateConfigurationCommand,
} from '@aws-sdk/client-appconfig';
import { describe, expect, it } from 'vitest';
import { checkAgainstSchema } from '../../src/flags/check-schema.ts';
import { AwsError } from '../../src/protocol/aws-error.ts';
import { present, rejection, startEmulator } from '../fixture.ts';

const SCHEMA = {
  $schema: 'http://json-schema.org/draft-04/schema#',
  type: 'object',
  additionalProperties: false,
  required: ['limit'],
  properties: { limit: { type: 'integer', minimum: 0, exclusiveMinimum: true }, mode: { $ref: '#/definitions/mode' } },
  definitions: { mode: { enum: ['on', 'off'] } },
};

function details(schema: unknown, content: unknown): unknown {
  try {
    checkAgainstSchema(JSON.stringify(schema), Buffer.from(JSON.stringify(content)));
    return [];
  } catch (error) {
    if (error instanceof AwsError)
      return (error.members['Details'] as { InvalidConfiguration: unknown }).InvalidConfiguration;
    throw error;
  }
}

describe('a JSON_SCHEMA validator', () => {
  it('accepts content that matches a draft 4 schema', () => {
    expect(details(SCHEMA, { limit: 1, mode: 'on' })).toEqual([]);
  });

  it.each([
    [{}, { Location: '', Constraint: 'required' }],
    [{ limit: 0 }, { Location: '/limit', Constraint: 'minimum' }],
    [
      { limit: 1, mode: 'dim' },
      { Location: '/mode', Constraint: 'enum' },
    ],
    [
      { limit: 1, more: 1 },
      { Location: '', Constraint: 'additionalProperties' },
    ],
  ])('rejects %j with the location and the keyword', (content, place) => {
    expect(details(SCHEMA, content)).toContainEqual(
      expect.objectContaining({ Type: 'INVALID_CONFIGURATION', ...place }),
    );
  });

  it.each([{ $ref: 'http://elsewhere.example/schema' }, { patternProperties: { '(': {} } }])(
    'rejects everything when the schema cannot be applied: %j',
    (schema) => {
      expect(details(schema, { a: 1 })).toMatchObject([{ Type: 'INVALID_SCHEMA' }]);
    },
  );
});

async function startWithValidator(Type: 'JSON_SCHEMA' | 'LAMBDA', Content: string, text: string) {
  const emulator = await startEmulator();
  const place = await emulator.createAll();
  const { ApplicationId } = place;
  const profile = await emulator.control.send(
    new CreateConfigurationProfileCommand({
      ApplicationId,
      Name: 'limits',
      LocationUri: 'hosted',
      Type: 'AWS.Freeform',
      Validators: [{ Type, Content }],
    }),
  );
  const ids = { ApplicationId, ConfigurationProfileId: present(profile.Id) };
  await emulator.control.send(
    new CreateHostedConfigurationVersionCommand({
      ...ids,
      Content: Buffer.from(text),
      ContentType: 'application/json',
    }),
  );
  const validate = () => emulator.control.send(new ValidateConfigurationCommand({ ...ids, ConfigurationVersion: '1' }));
  const deploy = () =>
    emulator.control.send(new StartDeploymentCommand({ ...place, ...ids, ConfigurationVersion: '1' }));
  return { ...emulator, ids, validate, deploy };
}

describe('the validators of a profile', () => {
  it('are run by ValidateConfiguration and by StartDeployment', async () => {
    const { validate, deploy } = await startWithValidator('JSON_SCHEMA', JSON.stringify(SCHEMA), '{"limit":"1"}');
    for (const call of [validate, deploy]) {
      expect(await rejection(call(), BadRequestException)).toMatchObject({
        Reason: 'InvalidConfiguration',
        Details: { InvalidConfiguration: [{ Location: '/limit', Constraint: 'type' }] },
      });
    }
  });

  it('require JSON when they are schemas', async () => {
    const { deploy } = await startWithValidator('JSON_SCHEMA', '{}', 'limit: 1');
    expect(await rejection(deploy(), BadRequestException)).toMatchObject({
      Details: { InvalidConfiguration: [{ Type: 'PARSE_ERROR' }] },
    });
  });

  it('are not run when they are Lambda functions', async () => {
    const { validate, deploy } = await startWithValidator('LAMBDA', 'arn:aws:lambda:eu-central-1:1:function:no', 'x');
    expect((await validate()).$metadata.httpStatusCode).toBe(204);
    expect((await deploy()).$metadata.httpStatusCode).toBe(201);
  });

  it.each(['not json', '[]', 'null'])('are rejected when the schema is %s', async (Content) => {
    const { control, ids } = await startWithValidator('JSON_SCHEMA', '{}', '{}');
    const Validators = [{ Type: 'JSON_SCHEMA' as const, Content }];
    await rejection(control.send(new UpdateConfigurationProfileCommand({ ...ids, Validators })), BadRequestException);
  });
});
