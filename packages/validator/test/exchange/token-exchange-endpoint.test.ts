import { ConfigError, UnavailableError } from '@crossfade/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTokenExchange } from '../../src/exchange/token-exchange-endpoint.ts';
import {
  type IntrospectionServer,
  respondJson,
  respondStatus,
  startIntrospectionServer,
} from '../introspection-server.ts';

const TYPE = 'urn:ietf:params:oauth:token-type:';
let server: IntrospectionServer;

beforeEach(async () => {
  server = await startIntrospectionServer();
});
afterEach(() => server.close());

function exchange(): Promise<string | undefined> {
  const client = { clientId: 'gateway', clientSecret: 'secret', authentication: 'client_secret_post' } as const;
  return createTokenExchange({ ...client, endpoint: server.url }).exchange('opaque');
}

test('asks for an access token for the opaque one', async () => {
  server.respond = respondJson({
    access_token: 'a.b.c',
    issued_token_type: `${TYPE}access_token`,
    token_type: 'Bearer',
  });

  expect(await exchange()).toBe('a.b.c');
  expect(Object.fromEntries(server.requests[0]?.form ?? [])).toEqual({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: 'opaque',
    subject_token_type: `${TYPE}access_token`,
    requested_token_type: `${TYPE}access_token`,
    client_id: 'gateway',
    client_secret: 'secret',
  });
});

test.each([{ issued_token_type: `${TYPE}jwt` }, {}])('takes a response with %j', async (more) => {
  server.respond = respondJson({ access_token: 'a.b.c', ...more });

  expect(await exchange()).toBe('a.b.c');
});

test.each(['invalid_request', 'invalid_grant'])('a token is not active where the error is %s', async (error) => {
  server.respond = (response) => void response.writeHead(400).end(JSON.stringify({ error }));

  expect(await exchange()).toBeUndefined();
});

test.each([
  ['an error', respondStatus(503), 'answered 503'],
  ['a rejection of the client', respondStatus(401), 'check exchange.clientId'],
  ['no token', respondJson({ issued_token_type: `${TYPE}jwt` }), 'without access_token'],
  [
    'an ID token',
    respondJson({ access_token: 'a.b.c', issued_token_type: `${TYPE}id_token` }),
    'another type of token',
  ],
  ['HTML', respondStatus(400), 'answered 400'],
])('%s makes the token impossible to exchange', async (_, respond, message) => {
  server.respond = respond;
  const failure = await exchange().catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(UnavailableError);
  expect(failure).toMatchObject({ dependency: 'exchange', message: expect.stringContaining(message) });
});

test.each(['unauthorized_client', 'invalid_target', 'unsupported_grant_type'])(
  'the error %s is the operator’s to mend, not the caller’s',
  async (error) => {
    server.respond = (response) => void response.writeHead(400).end(JSON.stringify({ error }));

    await expect(exchange()).rejects.toThrow('check whether exchange.clientId may exchange tokens');
  },
);

test('refuses wrong options, all at once', () => {
  const create = () => createTokenExchange({ endpoint: 'http://idp.example.com', clientId: '', clientSecret: '' });

  expect(create).toThrow(ConfigError);
  expect(create).toThrow(/endpoint: .*clientId: .*clientSecret: /);
});
