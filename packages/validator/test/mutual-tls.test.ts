import { once } from 'node:events';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import fastify from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { type CrossfadeFastifyOptions, crossfade } from '../src/fastify.ts';
import { createValidator } from '../src/index.ts';
import { createSigningKey, sign } from './issuer.ts';
import { createSelfSigned, type SelfSigned } from './self-signed-certificate.ts';

const ISSUER = 'https://idp.example.com';
const TARGET = 'https://api.example.com/orders';

const issuerKey = await createSigningKey({ kid: 'a' });
const [server, client, thief] = ['localhost', 'client', 'thief'].map(createSelfSigned) as [
  SelfSigned,
  SelfSigned,
  SelfSigned,
];
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** An API on loopback that accepts client certificates of any issuer (RFC 8705 §2.2). */
async function startApi(options: Omit<CrossfadeFastifyOptions, 'validator'> = {}): Promise<number> {
  const keys = { keys: [issuerKey.publicJwk] };
  const validator = createValidator({
    clients: [],
    legacy: { issuer: ISSUER, audience: 'default-api', keys },
    target: { issuer: ISSUER, audience: TARGET },
  });
  const { key, cert } = server;
  const app = fastify({
    https: { key, cert, requestCert: true, rejectUnauthorized: false },
    forceCloseConnections: true,
  });
  await app.register(crossfade, { validator, ...options });
  app.get('/', async ({ accessToken }) => ({ reason: accessToken?.audience }));
  await app.listen({ host: '127.0.0.1', port: 0 });
  closing.push(async () => app.close());
  return (app.server.address() as AddressInfo).port;
}

function tokenFor(aud: string, { thumbprint }: SelfSigned): Promise<string> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  return sign({ iss: ISSUER, aud, exp: nowSeconds + 600, cnf: { 'x5t#S256': thumbprint } }, issuerKey);
}

/** @returns the class of the accepted token, or the rejection reason. */
async function ask(
  port: number,
  token: string,
  { identity, agent, headers = {} }: { identity?: SelfSigned; agent?: Agent; headers?: Record<string, string> },
): Promise<unknown> {
  const outgoing = request({
    host: '127.0.0.1',
    port,
    rejectUnauthorized: false,
    agent: agent ?? false,
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...(identity === undefined ? {} : { key: identity.key, cert: identity.cert }),
  }).end();
  const [response] = await once(outgoing, 'response');
  return ((await json(response)) as { reason: unknown }).reason;
}

test.each([
  ['legacy', 'default-api'],
  ['target', TARGET],
])('a %s token is accepted only over the TLS connection of its certificate', async (audience, aud) => {
  const port = await startApi();
  const token = await tokenFor(aud, client);

  expect(await ask(port, token, { identity: client })).toBe(audience);
  expect(await ask(port, token, { identity: thief })).toBe('proof_invalid');
  expect(await ask(port, token, {})).toBe('proof_required');
});

test('a reused or resumed connection keeps its certificate', async () => {
  const port = await startApi();
  const token = await tokenFor(TARGET, client);
  const kept = new Agent({ keepAlive: true, maxSockets: 1 });
  const resumed = new Agent({ keepAlive: false });
  closing.push(async () => kept.destroy());

  for (const agent of [kept, kept, resumed, resumed, resumed]) {
    expect(await ask(port, token, { identity: client, agent })).toBe('target');
  }
});

test('a header shows a certificate only if the API is configured to trust it', async () => {
  const header = `:${client.der.toString('base64')}:`;
  const token = await tokenFor(TARGET, client);

  expect(await ask(await startApi(), token, { headers: { 'client-cert': header } })).toBe('proof_required');
  const behindProxy = await startApi({ certificateHeader: { name: 'Client-Cert', format: 'rfc9440' } });
  expect(await ask(behindProxy, token, { headers: { 'client-cert': header } })).toBe('target');
  expect(await ask(behindProxy, token, { identity: client })).toBe('proof_required');
});
