import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createGrpcClient, type GrpcApi, type GrpcClient, resultOf, startGrpcApi } from './fixture/grpc.ts';
import { startIssuer } from './fixture/issuer.ts';
import { LEGACY, startTestbed, TARGET, type Testbed } from './fixture/testbed.ts';

const SOON = { timeout: 10_000 };

const { OK, UNAUTHENTICATED, UNAVAILABLE, CANCELLED, DEADLINE_EXCEEDED, PERMISSION_DENIED } = status;

let api: GrpcApi;
let testbed: Testbed;
let client: GrpcClient;
let tokens: Record<'legacy' | 'target' | 'foreign', string>;
/** What the API takes, besides legacy and target tokens. */
let alsoTaken: Set<string>;

async function open(...[settings, options]: Parameters<typeof startTestbed>) {
  alsoTaken = new Set();
  const taken = (token: string) => token === tokens.legacy || token === tokens.target || alsoTaken.has(token);
  api = await startGrpcApi(taken);
  testbed = await startTestbed({ upstream: api.url, upstreamProtocol: 'h2', ...settings }, options);
  const { issuer } = testbed;
  const [legacy, target, foreign] = await Promise.all([LEGACY, TARGET, 'else'].map((aud) => issuer.mint({ aud })));
  tokens = { legacy: legacy ?? '', target: target ?? '', foreign: foreign ?? '' };
  client = createGrpcClient(testbed.sidecar.dataUrl);
}
async function close() {
  client.close();
  await testbed.close();
  api.kill();
}
afterEach(close);

describe('gRPC through a sidecar that observes', () => {
  beforeEach(() => open());

  test('carries all four kinds of calls', async () => {
    const token = tokens.legacy;
    expect(await client.get('hello', { token })).toEqual({ code: OK, messages: ['hello'] });
    const listed = await resultOf(client.list('1000', { token }));
    expect(listed).toEqual({ code: OK, messages: Array.from({ length: 1_000 }, (_, n) => String(n)) });
    const { call, result } = client.upload({ token });
    for (let n = 0; n < 100; n += 1) call.write(Buffer.alloc(1_000));
    call.end();
    expect(await result).toEqual({ code: OK, messages: ['100000'] });
    const chat = client.chat({ token });
    for (const word of ['one', 'two']) {
      chat.write(Buffer.from(word));
      const [echo] = await once(chat, 'data');
      expect(String(echo)).toBe(word);
    }
    const end = resultOf(chat);
    chat.end();
    expect((await end).code).toBe(OK);
    await vi.waitFor(async () => expect((await testbed.status()).audiences.legacy.accepted).toBe(4), SOON);
    expect((await testbed.status()).apiResponses?.legacy.acceptedAt).not.toBeNull();
  });

  test('cuts no stream whose client is silent, which may be listening', async () => {
    await close();
    await open({ stallTimeoutMs: 200 });
    const chat = client.chat({ token: tokens.legacy });
    const end = resultOf(chat);
    // Nothing may happen, for three times as long as a stalled client is given.
    for (const word of ['one', 'two']) {
      await sleep(600);
      chat.write(Buffer.from(word));
    }
    await sleep(600);
    chat.end();
    expect(await end).toEqual({ code: OK, messages: ['one', 'two'] });
  });

  test('carries large messages both ways', async () => {
    const message = Buffer.alloc(10_000_000, 'a');
    const { code, messages } = await client.get(message, { token: tokens.target });
    expect([code, messages[0]?.length]).toEqual([OK, message.length]);
  });

  test('counts what the API makes of each token, and changes nothing', async () => {
    expect((await client.get('a', { token: tokens.foreign })).code).toBe(UNAUTHENTICATED);
    expect((await client.get('a')).code).toBe(UNAUTHENTICATED);
    // A status without a message: the trailers are all there is.
    expect((await resultOf(client.list('3'))).code).toBe(UNAUTHENTICATED);
    alsoTaken.add(tokens.foreign);
    expect((await client.get('a', { token: tokens.foreign })).code).toBe(OK);
    const strange = await testbed.issuer.mint({ aud: TARGET, subject: 'bob' });
    expect((await client.get('a', { token: strange })).code).toBe(UNAUTHENTICATED);
    expect((await client.get('a', { token: tokens.target })).code).toBe(OK);
    await vi.waitFor(
      async () =>
        expect(await testbed.status()).toMatchObject({
          audiences: { foreign: { rejected: 2 }, none: { rejected: 2 }, target: { accepted: 2 } },
          validUnauthorized: 1,
          disagreements: { reasons: { wrong_audience: 1 } },
        }),
      SOON,
    );
  });

  test('passes deadlines and cancellation on', async () => {
    const token = tokens.legacy;
    const { code } = await client.get('wait', { token, options: { deadline: Date.now() + 200 } });
    expect(code).toBe(DEADLINE_EXCEEDED);
    expect(api.deadlines()).toBe(1);
    const call = client.list('forever', { token });
    const result = resultOf(call);
    await once(call, 'data');
    call.cancel();
    expect((await result).code).toBe(CANCELLED);
    await vi.waitFor(() => expect(api.cancelled()).toBe(2), SOON);
  });

  test('gives UNAVAILABLE while the API is gone, and serves when it is back', async () => {
    const token = tokens.target;
    expect((await client.get('a', { token })).code).toBe(OK);
    const call = client.list('forever', { token });
    const broken = resultOf(call);
    await once(call, 'data');
    api.kill();
    expect((await broken).code).not.toBe(OK);
    expect((await client.get('a', { token })).code).toBe(UNAVAILABLE);
    api = await startGrpcApi(() => true, Number(new URL(api.url).port));
    expect(await client.get('back', { token })).toEqual({ code: OK, messages: ['back'] });
  });

  test('loses no call when the API closes its connections for a restart', async () => {
    const token = tokens.target;
    expect((await client.get('a', { token })).code).toBe(OK);
    const chat = client.chat({ token });
    chat.write(Buffer.from('a'));
    await once(chat, 'data');
    // GOAWAY: the call under way goes on, the next one needs another connection.
    const closing = api.close();
    chat.write(Buffer.from('b'));
    expect(String((await once(chat, 'data'))[0])).toBe('b');
    const end = resultOf(chat);
    chat.end();
    expect((await end).code).toBe(OK);
    await closing;
    api = await startGrpcApi(() => true, Number(new URL(api.url).port));
    expect((await client.get('a', { token })).code).toBe(OK);
  });
});

describe('gRPC through a sidecar that enforces', () => {
  test('gets what a gRPC client understands for each refusal', async () => {
    await open({ judge: 'enforce' });
    expect((await client.get('a', { token: tokens.legacy })).code).toBe(OK);
    for (const token of [tokens.foreign, undefined, 'nonsense']) {
      expect((await client.get('a', { token })).code).toBe(UNAUTHENTICATED);
    }
    const { call, result } = client.upload({ token: tokens.foreign });
    call.on('error', () => {});
    call.write(Buffer.alloc(1_000));
    expect((await result).code).toBe(UNAUTHENTICATED);
    expect(api.seen).toEqual({ none: 1 });
    await vi.waitFor(
      async () =>
        expect((await testbed.status()).audiences).toMatchObject({
          legacy: { accepted: 1 },
          foreign: { rejected: 2 },
          none: { rejected: 1 },
          opaque: { rejected: 1 },
        }),
      SOON,
    );
  });

  test('gets PERMISSION_DENIED without a scope, and UNAVAILABLE from an API that does not respond in time', async () => {
    const plan = (usual: Testbed['plan']) => ({ target: { ...usual.target, requiredScope: ['orders'] } });
    await open({ judge: 'enforce', responseTimeoutMs: 300 }, { plan });
    expect((await client.get('a', { token: tokens.target })).code).toBe(PERMISSION_DENIED);
    expect((await client.get('wait', { token: tokens.legacy })).code).toBe(UNAVAILABLE);
  });

  test('gets UNAVAILABLE while no token can be judged', async () => {
    const gone = await startIssuer();
    const token = await gone.mint({ aud: LEGACY });
    await gone.close();
    const plan = ({ legacy, target }: Testbed['plan']) => ({
      legacy: { ...legacy, issuer: gone.url },
      target: { ...target, issuer: gone.url },
    });
    await open({ judge: 'enforce' }, { plan });
    expect((await client.get('a', { token })).code).toBe(UNAVAILABLE);
  });
});
