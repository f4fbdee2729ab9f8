import { UnavailableError } from '@crossfade/core';
import { allowInsecureRequests, Configuration, None, refreshTokenGrant } from 'openid-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProvider } from '../../src/provider/create-provider.ts';
import { readTokenResponse } from '../../src/tokens/token-response.ts';
import { type JsonServer, startJsonServer } from '../fixture/json-server.ts';
import { failure } from '../fixture/sign-in.ts';
import { TOKEN_RESPONSE_SHAPES, type TokenResponseShape } from './token-response-shapes.ts';

let server: JsonServer;
let provider: ReturnType<typeof createProvider>;
beforeAll(async () => {
  server = await startJsonServer();
  const metadata = { issuer: server.url, token_endpoint: `${server.url}/token` };
  server.routes = { '/.well-known/openid-configuration': metadata };
  provider = createProvider({ issuer: server.url, clientId: 'web-app' }, Date.now);
});
afterAll(() => server.close());

function serve({ body, contentType = 'application/json' }: Pick<TokenResponseShape, 'body' | 'contentType'>) {
  server.routes = {
    ...server.routes,
    '/token'(_, response) {
      response.writeHead(200, contentType === '' ? {} : { 'content-type': contentType });
      response.end(typeof body === 'string' ? body : JSON.stringify({ access_token: 't', ...body }));
    },
  };
}

function asIs() {
  const metadata = { issuer: server.url, token_endpoint: `${server.url}/token` };
  const configuration = new Configuration(metadata, 'web-app', undefined, None());
  allowInsecureRequests(configuration);
  return refreshTokenGrant(configuration, 'r');
}

async function ours() {
  const response = await provider.request('the refresh', (configuration) => refreshTokenGrant(configuration, 'r'));
  const { expiresAt, scope } = readTokenResponse(response, 0);
  return {
    ...(response.expires_in !== undefined && { expires: expiresAt }),
    ...(scope !== undefined && { scope }),
    ...(response.refresh_token !== undefined && { refresh: response.refresh_token }),
    ...(response.token_type === 'dpop' && { dpop: true }),
  };
}

test('at least 36 shapes are tested', () => {
  expect(TOKEN_RESPONSE_SHAPES.length).toBeGreaterThanOrEqual(36);
  expect(new Set(TOKEN_RESPONSE_SHAPES.map(({ name }) => name)).size).toBe(TOKEN_RESPONSE_SHAPES.length);
});

test.each(TOKEN_RESPONSE_SHAPES)('$name', async (shape) => {
  serve(shape);
  const isAccepted = await asIs().then(
    () => true,
    () => false,
  );
  expect(isAccepted).toBe(shape.native);
  const { outcome } = shape;
  if ('check' in outcome || 'error' in outcome) expect(await failure(ours())).toMatchObject(outcome);
  else expect(await ours()).toEqual(outcome);
});

test('a page instead of a token response is an outage', async () => {
  serve({ body: '<html>down for maintenance</html>', contentType: 'text/html' });
  expect(await failure(ours())).toBeInstanceOf(UnavailableError);
  serve({ body: '{"access_token":"t", "token_', contentType: 'application/json' });
  expect(await failure(ours())).toBeInstanceOf(UnavailableError);
});
