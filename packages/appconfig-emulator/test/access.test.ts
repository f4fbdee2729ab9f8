import { AppConfigClient, GetApplicationCommand, ListApplicationsCommand } from '@aws-sdk/client-appconfig';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isAllowed, type PolicyStatement } from '../src/access/policy.ts';
import { createEmulator } from '../src/index.ts';

const allow = (Action: string, Resource = '*'): PolicyStatement => ({ Effect: 'Allow', Action, Resource });
const policy = (...Statement: readonly PolicyStatement[]) => [{ Version: '2012-10-17', Statement }];
const READ = 'appconfig:GetApplication';

describe('a policy', () => {
  it.each([
    ['nothing by default', policy(), [READ], false],
    ['what it names', policy(allow(READ)), ['arn:x'], true],
    ['an action in any case, by a pattern', policy(allow('AppConfig:get*')), ['arn:x'], true],
    ['another action not', policy(allow('appconfig:ListApplications')), ['arn:x'], false],
    ['only all of the resources that are needed', policy(allow(READ, 'arn:a')), ['arn:a', 'arn:b'], false],
    ['resources by a pattern', policy(allow(READ, 'arn:?')), ['arn:a', 'arn:b'], true],
    ['nothing that is denied', policy(allow(READ), { ...allow('*'), Effect: 'Deny' }), ['arn:a'], false],
  ])('allows %s', (_what, documents, resources, expected) => {
    expect(isAllowed(documents, READ, resources)).toBe(expected);
  });

  it('is refused if it has what the emulator does not evaluate', () => {
    const { access } = createEmulator();
    const conditional = { ...allow(READ), Condition: {} };
    expect(() => access.restrict('key', policy(conditional))).toThrow(/does not evaluate Condition/);
    const variable = allow(READ, ['arn:$', '{aws:username}'].join(''));
    expect(() => access.restrict('key', policy(variable))).toThrow(/does not evaluate variables/);
  });
});

it('a key with policies may do what they allow, and any other key everything', async () => {
  const emulator = createEmulator();
  const { url: endpoint } = await emulator.listen();
  onTestFinished(() => emulator.close());
  const clientOf = (accessKeyId: string) => {
    const client = new AppConfigClient({
      endpoint,
      region: 'local',
      credentials: { accessKeyId, secretAccessKey: 'any' },
    });
    onTestFinished(() => client.destroy());
    return client;
  };
  emulator.access.restrict('reader', policy(allow('appconfig:ListApplications')));
  const [reader, other] = [clientOf('reader'), clientOf('other')];
  expect(await reader.send(new ListApplicationsCommand())).toMatchObject({ Items: [] });
  const get = new GetApplicationCommand({ ApplicationId: 'abc1234' });
  const denied = /reader is not authorized to perform: appconfig:GetApplication on resource: arn:aws:appconfig:local:/;
  await expect(reader.send(get)).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringMatching(denied),
  });
  await expect(other.send(get)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  expect(emulator.access.calls().map(({ action, isAllowed: allowed }) => [action, allowed])).toEqual([
    ['appconfig:ListApplications', true],
    ['appconfig:GetApplication', false],
  ]);
  emulator.access.release('reader');
  await expect(reader.send(get)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});
