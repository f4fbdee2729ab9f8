import type { ServerResponse } from 'node:http';
import { UnavailableError } from '@crossfade/core';
import { expect, test } from 'vitest';
import { discoverProvider } from '../src/discover-provider.ts';
import type { ProviderOptions } from '../src/provider-options.ts';
import { issuanceFixture } from './issuance-fixture.ts';
import { startProvider } from './provider-fixture.ts';

const { selector } = issuanceFixture();
const options: ProviderOptions = { issuer: 'https://idp.example.com', clientId: 'web-app', selector };

test('the problems of the caller are reported together with those of the provider options', async () => {
  const wrong = { ...options, issuer: 'idp', clientId: '' };
  const refused = discoverProvider(wrong, [{ path: 'redirectUri', message: 'is wrong' }]);
  await expect(refused).rejects.toMatchObject({
    problems: ['issuer', 'clientId', 'redirectUri'].map((path) => ({ path })),
  });
});

test('metadata is fetched from an issuer on loopback', async () => {
  const provider = await startProvider();
  const configuration = await discoverProvider({ ...options, issuer: provider.issuer }, []);
  expect(configuration.serverMetadata().issuer).toBe(provider.issuer);
  await provider.close();
});

test.each([
  ['cuts the connection', (response: ServerResponse) => response.destroy()],
  ['responds 503', (response: ServerResponse) => response.writeHead(503).end()],
  ['responds 429', (response: ServerResponse) => response.writeHead(429).end()],
  ['talks HTML', (response: ServerResponse) => response.setHeader('content-type', 'text/html').end('<p>')],
  ['never responds', () => undefined],
])('a provider that %s is unavailable', async (_, fault) => {
  const provider = await startProvider();
  provider.fault = fault;
  const reached = discoverProvider({ ...options, issuer: provider.issuer, timeoutMs: 300 }, []);
  await expect(reached).rejects.toThrow(UnavailableError);
  await provider.close();
});

test('metadata of another issuer is rejected', async () => {
  const provider = await startProvider();
  const refused = discoverProvider({ ...options, issuer: provider.issuer.replace('127.0.0.1', 'localhost') }, []);
  await expect(refused).rejects.toMatchObject({ code: 'invalid_response' });
  await provider.close();
});
