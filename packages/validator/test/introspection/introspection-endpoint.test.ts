import { inspect } from 'node:util';
import { UnavailableError } from '@crossfade/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openIntrospectionEndpoint } from '../../src/introspection/introspection-endpoint.ts';
import type { IntrospectionSettings } from '../../src/introspection/introspection-options.ts';
import { localKeys } from '../../src/keys/issuer-keys.ts';
import { readKeySet } from '../../src/keys/key-set.ts';
import {
  answerJson,
  answerStatus,
  answerText,
  type IntrospectionServer,
  startIntrospectionServer,
} from '../introspection-server.ts';
import { createSigningKey, startIssuer } from '../issuer.ts';

const TOKEN = 'opaque-T0ken+/.~';
const SECRET = 's3cret+%:&=';

const keySet = readKeySet({ keys: [(await createSigningKey()).publicJwk] });
if (keySet === undefined) throw new Error('no key');
const verifier = { keys: localKeys(keySet), clockToleranceSeconds: 5, now: Date.now };
let server: IntrospectionServer;

beforeEach(async () => {
  server = await startIntrospectionServer();
});
afterEach(() => server.close());

function open(more: Partial<IntrospectionSettings> = {}) {
  return openIntrospectionEndpoint(
    {
      issuer: server.url.origin,
      endpoint: server.url,
      clientId: 'orders-api',
      clientSecret: SECRET,
      authentication: 'client_secret_basic',
      response: 'json',
      impliedAudience: undefined,
      algorithms: new Set(['ES256']),
      maxAgeMs: 30_000,
      timeoutMs: 5000,
      ...more,
    },
    verifier,
  );
}

async function failureOf(asked: Promise<unknown>): Promise<UnavailableError> {
  const failure = await asked.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(UnavailableError);
  return failure as UnavailableError;
}

describe('ask', () => {
  test('asks with a form, and never with a URL', async () => {
    server.answer = answerJson({ active: true, sub: 'u1' });

    expect(await open().ask(TOKEN)).toEqual({ active: true, sub: 'u1' });
    expect(server.questions).toHaveLength(1);
    const [question] = server.questions;
    expect(question).toMatchObject({
      method: 'POST',
      url: '/introspect',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    });
    expect(Object.fromEntries(question?.form ?? [])).toEqual({ token: TOKEN, token_type_hint: 'access_token' });
    expect(JSON.stringify(question?.headers)).not.toContain(TOKEN);
  });

  test.each([
    [500, 'answered 500'],
    [502, 'answered 502'],
    [204, 'answered 204'],
    [302, 'answered 302'],
    [307, 'answered 307'],
    [400, 'answered 400'],
    [404, 'answered 404'],
    [401, 'refuses the credentials of this API (401): check introspection.clientId and clientSecret'],
    [403, 'refuses the credentials of this API (403): check introspection.clientId and clientSecret'],
  ])('%d is nobody’s fault but ours', async (status, message) => {
    server.answer = answerStatus(status, { location: `${server.url.origin}/elsewhere` });
    const failure = await failureOf(open().ask(TOKEN));

    expect(failure.message).toBe(`the introspection endpoint of ${server.url.origin} ${message}`);
    expect(server.questions.map(({ url }) => url)).toEqual(['/introspect']);
  });

  test.each([
    ['7', 7],
    ['0', 0],
    ['999999', 300],
    ['-1', 5],
    ['soon', 5],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 5],
  ])('passes on a Retry-After of %s', async (value, seconds) => {
    server.answer = answerStatus(429, { 'retry-after': value });

    expect(await failureOf(open().ask(TOKEN))).toMatchObject({
      message: expect.stringContaining('answered 429'),
      retryAfterSeconds: seconds,
    });
  });

  test.each([
    ['HTML', answerText('<html>maintenance</html>', { 'content-type': 'text/html' })],
    ['nothing', answerText('')],
    ['half of it', answerText('{"active":tr')],
    ['too much', answerText(`{"active":true,"pad":"${'x'.repeat(70_000)}"}`)],
    ['a list', answerJson([{ active: true }])],
    ['no active', answerJson({ sub: 'u1' })],
    ['broken compression', answerText('{"active":true}', { 'content-encoding': 'gzip' })],
  ])('%s is no answer', async (_, answer) => {
    server.answer = answer;

    await failureOf(open().ask(TOKEN));
  });

  test('an answer without end is not read to its end', async () => {
    let isCutOff = false;
    server.answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = (): void => void response.write('x'.repeat(16_384), (error) => error || setImmediate(more));
      more();
      response.once('close', () => {
        isCutOff = true;
      });
    };

    expect((await failureOf(open().ask(TOKEN))).message).toContain('more than 65536 bytes');
    await expect.poll(() => isCutOff, { timeout: 5000 }).toBe(true);
  });

  test.each([
    ['that never comes', () => {}],
    [
      'that never ends',
      (response: Parameters<IntrospectionServer['answer']>[0]) => {
        response.writeHead(200, { 'content-type': 'application/json' }).write('{"active":');
      },
    ],
  ])('an answer %s is not waited for', async (_, answer) => {
    server.answer = answer;

    expect((await failureOf(open({ timeoutMs: 50 }).ask(TOKEN))).message).toContain(
      'did not answer in time: not done in 50 ms',
    );
  });

  test('nobody there is an outage', async () => {
    const endpoint = open();
    await server.close();

    expect((await failureOf(endpoint.ask(TOKEN))).message).toContain('can not be reached');
    server = await startIntrospectionServer();
  });

  test('a question that is lost with its connection is asked once more', async () => {
    server.answer = (response) => {
      response.destroy();
      server.answer = answerJson({ active: true });
    };

    expect(await open().ask(TOKEN)).toEqual({ active: true });
    expect(server.questions).toHaveLength(2);
  });

  test('a connection that is lost again and again is an outage', async () => {
    server.answer = (response) => response.destroy();

    expect((await failureOf(open().ask(TOKEN))).message).toContain('can not be reached');
    expect(server.questions).toHaveLength(2);
  });

  test('no failure tells the token, the credentials or the answer', async () => {
    const answers = [
      answerStatus(401),
      answerStatus(500),
      answerText(`{"active":"${TOKEN}"}`),
      answerText(TOKEN),
      answerText(TOKEN, { 'content-type': 'application/token-introspection+jwt' }),
      ((response) => response.destroy()) satisfies IntrospectionServer['answer'],
      (() => {}) satisfies IntrospectionServer['answer'],
    ];
    for (const answer of answers) {
      server.answer = answer;
      const failure = await failureOf(open({ timeoutMs: 50 }).ask(TOKEN));
      const told = inspect(failure, { depth: 10, showHidden: true }) + JSON.stringify(failure);

      expect(told).not.toContain(TOKEN);
      expect(told).not.toContain(encodeURIComponent(TOKEN));
      expect(told).not.toContain(SECRET);
    }
  });

  test('no more than 128 questions are asked at once, whoever sends made-up tokens', async () => {
    server.answer = () => {};
    const endpoint = open();
    const asked = Array.from({ length: 1000 }, (_, index) => endpoint.ask(`${TOKEN}${index}`));
    const outcomes = Promise.allSettled(asked);
    await expect.poll(() => server.questions.length, { timeout: 5000 }).toBe(128);
    const refused = await failureOf(endpoint.ask(TOKEN));
    endpoint.close();

    expect(refused).toMatchObject({ message: expect.stringContaining('too much at once'), retryAfterSeconds: 1 });
    for (const { status } of await outcomes) expect(status).toBe('rejected');
    expect(server.questions).toHaveLength(128);
  });

  test('made-up tokens leave room for those that were active before', async () => {
    server.answer = () => {};
    const endpoint = open({ timeoutMs: 60_000 });
    const ask = (count: number, repute: 'known' | 'new') =>
      Promise.allSettled(Array.from({ length: count }, (_, index) => endpoint.ask(`${repute}-${index}`, repute)));
    const outcomes = Promise.all([ask(300, 'new'), ask(128, 'known')]);
    await expect.poll(() => server.questions.length, { timeout: 50_000 }).toBe(256);
    const refused = await Promise.all([failureOf(endpoint.ask('a', 'new')), failureOf(endpoint.ask('b', 'known'))]);
    endpoint.close();
    await outcomes;

    for (const { message } of refused) expect(message).toContain('too much at once');
    expect(server.questions).toHaveLength(256);
  }, 60_000);

  test('an endpoint that hangs is asked one question at a time, until it answers one', async () => {
    server.answer = () => {};
    const endpoint = open({ timeoutMs: 50 });
    await Promise.all(Array.from({ length: 5 }, (_, index) => failureOf(endpoint.ask(`${TOKEN}${index}`))));
    const probe = failureOf(endpoint.ask(TOKEN));
    const next = await failureOf(endpoint.ask(TOKEN));

    expect(next.message).toContain('did not answer the last 5 questions');
    expect((await probe).message).toContain('did not answer in time');
    server.answer = answerJson({ active: false });
    const askTwice = () => Promise.all([endpoint.ask(TOKEN), endpoint.ask(TOKEN)]).catch(() => 'not yet');
    await expect.poll(() => endpoint.ask(TOKEN).catch(() => 'not yet'), { timeout: 5000 }).toBe('inactive');
    await expect.poll(askTwice, { timeout: 5000 }).toEqual(['inactive', 'inactive']);
  });

  test('a closed endpoint is asked no more', async () => {
    const endpoint = open();
    endpoint.close();

    expect((await failureOf(endpoint.ask(TOKEN))).message).toContain('is asked no more');
    expect(server.questions).toHaveLength(0);
  });
});

describe('an endpoint that is found through the issuer’s metadata', () => {
  test('is found once, and again when it moves', async () => {
    const issuer = await startIssuer();
    const metadata = { issuer: issuer.url, introspection_endpoint: server.url };
    issuer.answers.set('/.well-known/openid-configuration', { json: metadata });
    const endpoint = open({ issuer: issuer.url, endpoint: 'metadata' });
    server.answer = answerJson({ active: true });
    await endpoint.ask(TOKEN);
    await endpoint.ask(TOKEN);
    expect(issuer.requests).toHaveLength(1);

    const moved = await startIntrospectionServer();
    moved.answer = answerJson({ active: false });
    issuer.answers.set('/.well-known/openid-configuration', {
      json: { issuer: issuer.url, introspection_endpoint: moved.url },
    });
    server.answer = answerStatus(404);
    await failureOf(endpoint.ask(TOKEN));
    await expect.poll(() => endpoint.ask(TOKEN).catch(() => 'not yet'), { timeout: 5000 }).toBe('inactive');
    expect(issuer.requests).toHaveLength(2);
    await Promise.all([issuer.close(), moved.close()]);
  });

  test('is an outage while there is no metadata, or none that names it', async () => {
    const issuer = await startIssuer();
    const endpoint = open({ issuer: issuer.url, endpoint: 'metadata' });

    expect((await failureOf(endpoint.ask(TOKEN))).message).toBe(
      `the introspection endpoint of ${issuer.url} can not be found`,
    );
    expect(server.questions).toHaveLength(0);
    await issuer.close();
  });
});
