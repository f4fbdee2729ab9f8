import { expect, it } from 'vitest';
import { awsClientConfig } from '../../src/appconfig/aws-client-config.ts';

it('leaves region, endpoint and credentials to the SDK', () => {
  expect(awsClientConfig({ timeoutMs: 5000 })).toEqual({
    requestHandler: { connectionTimeout: 5000, requestTimeout: 5000, socketTimeout: 5000, throwOnRequestTimeout: true },
  });
});

it.each(['http://127.0.0.1:2000', 'http://localhost:2000', 'http://[::1]:2000'])(
  'gives %s a placeholder for credentials',
  (endpoint) => {
    expect(awsClientConfig({ endpoint, timeoutMs: 1 })).toMatchObject({
      endpoint,
      region: 'local',
      credentials: { accessKeyId: 'local' },
    });
  },
);

it('keeps a configured region', () => {
  expect(awsClientConfig({ endpoint: 'http://127.0.0.1:1', region: 'eu-west-1', timeoutMs: 1 }).region).toBe(
    'eu-west-1',
  );
});

it.each(['https://appconfigdata.eu-west-1.amazonaws.com', 'http://localhost.example.com', 'http://emulator:2772'])(
  'gives %s no placeholder',
  (endpoint) => {
    expect(awsClientConfig({ endpoint, timeoutMs: 1 })).not.toHaveProperty('credentials');
  },
);
