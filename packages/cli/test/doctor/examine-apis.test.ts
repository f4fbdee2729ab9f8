import { parsePlan } from '@crossfade/core';
import Fastify, { type FastifyReply } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { examineApis } from '../../src/doctor/examine-apis.ts';
import { probeApis } from '../../src/doctor/probe-apis.ts';
import { PLAN } from '../fixture/workplace.ts';

type Handler = (token: string | undefined, reply: FastifyReply) => FastifyReply;

const CHALLENGE = 'Bearer realm="orders"';
const INVALID = 'Bearer error="invalid_token"';
const [TARGET, ID] = ['a-target-token', 'an-id-token'];

function refuse(reply: FastifyReply, challenge: string) {
  return reply.code(401).header('www-authenticate', challenge).send();
}

const guarded: Handler = (token, reply) => {
  if (token === undefined) return refuse(reply, CHALLENGE);
  return token === TARGET ? reply.send({}) : refuse(reply, INVALID);
};

async function examine(handler: Handler, tokens: { target?: string; id?: string } = {}, headers: object = {}) {
  const app = Fastify({ forceCloseConnections: true });
  app.get('/orders', (request, reply) => {
    reply.headers({ ...headers });
    return handler(request.headers.authorization?.replace('Bearer ', ''), reply);
  });
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.close());
  const probes = await probeApis(parsePlan(PLAN), {
    apis: [`${origin}/orders`],
    targetToken: tokens.target,
    idToken: tokens.id,
    now: Date.now,
    signal: new AbortController().signal,
  });
  return examineApis(probes).map(
    ({ check, verdict, detail }) => `${check} ${verdict}: ${detail.replaceAll(origin, '')}`,
  );
}

describe('examineApis', () => {
  it('passes an API that takes a target token and refuses all else with a challenge', async () => {
    expect(await examine(guarded, { target: TARGET, id: ID })).toEqual([
      'api pass: /orders responds to a request without a token with 401 and a challenge',
      'forged pass: /orders: a token that is signed with a foreign key is refused with 401 and invalid_token',
      'forged pass: /orders: a token with alg none is refused with 401 and invalid_token',
      'target_token pass: /orders takes the target token (200)',
      'id_token pass: /orders: an ID token is refused with 401 and invalid_token',
    ]);
  });

  it('says what was not sent, because no token was given', async () => {
    expect((await examine(guarded)).slice(3)).toEqual([
      'target_token n/a: /orders: no real token was sent: CROSSFADE_TARGET_TOKEN is not set, or the URL is neither https nor loopback',
      'id_token n/a: /orders: none was sent: CROSSFADE_ID_TOKEN is not set, or the URL is neither https nor loopback',
    ]);
  });

  it('fails an API that takes a forged token or an ID token', async () => {
    const open: Handler = (token, reply) => (token === undefined ? refuse(reply, CHALLENGE) : reply.send({}));
    const findings = await examine(open, { id: ID });
    expect(findings.filter((finding) => finding.includes(' fail: '))).toEqual([
      'forged fail: /orders: a token that is signed with a foreign key is taken (200)',
      'forged fail: /orders: a token with alg none is taken (200)',
      'id_token fail: /orders: an ID token is taken (200)',
    ]);
  });

  it('fails an API that verifies the signature, but not the algorithm', async () => {
    const takesNone: Handler = (token, reply) => (token?.endsWith('.') ? reply.send({}) : guarded(token, reply));
    expect((await examine(takesNone))[2]).toBe('forged fail: /orders: a token with alg none is taken (200)');
  });

  it('fails an API that refuses the target token', async () => {
    const refusing: Handler = (token, reply) => refuse(reply, token === undefined ? CHALLENGE : INVALID);
    expect((await examine(refusing, { target: TARGET }))[3]).toBe(
      'target_token fail: /orders refuses the target token (401)',
    );
  });

  it('fails a path that is open, and proves nothing by it', async () => {
    const findings = await examine((_, reply) => reply.send({}), { target: TARGET, id: ID });
    expect(findings.map((finding) => finding.split(':')[0])).toEqual([
      'api fail',
      'forged unknown',
      'forged unknown',
      'target_token unknown',
      'id_token unknown',
    ]);
  });

  it.each([
    ['no challenge', '', 'has no WWW-Authenticate'],
    ['another scheme', 'Basic realm="x"', 'asks for another scheme'],
    ['an error without a token', INVALID, 'has an error'],
  ])('warns of a 401 with %s', async (_, challenge, expected) => {
    const findings = await examine((token, reply) => refuse(reply, token === undefined ? challenge : INVALID));
    expect(findings[0]).toMatch(/^api warn/);
    expect(findings[0]).toContain(expected);
  });

  it('warns of a refusal that does not say invalid_token', async () => {
    expect((await examine((_, reply) => refuse(reply, CHALLENGE)))[1]).toMatch(/^forged warn: .*does not say error/);
  });

  it.each([
    [302, 'fail', 'which leads to login.example.com'],
    [403, 'fail', 'with 403'],
    [404, 'unknown', 'with 404'],
  ])('judges a %i in place of 401', async (status, verdict, expected) => {
    const reply: Handler = (_, response) =>
      response.code(status).header('location', 'https://login.example.com/start?state=secret').send();
    const [finding] = await examine(reply);
    expect(finding).toMatch(new RegExp(`^api ${verdict}: .*${expected}`));
    expect(finding).not.toContain('secret');
  });

  it('names the gateway that turns a 401 into something else, or takes the challenge away', async () => {
    const server = { server: 'awselb/2.0', via: '1.1 edge' };
    const redirected = await examine((_, reply) => reply.code(302).header('location', '/login').send(), {}, server);
    expect(redirected.at(-1)).toMatch(/^gateway fail: \/orders: awselb\/2\.0, 1\.1 edge responds/);
    const stripped = await examine((_, reply) => reply.code(401).send(), {}, server);
    expect(stripped.at(-1)).toMatch(/^gateway warn: .* the challenge does not arrive/);
    expect((await examine(guarded, {}, server)).at(-1)).toMatch(/^gateway pass/);
  });

  it('warns of a gateway that fails on the 401 of a token', async () => {
    const failing: Handler = (token, reply) =>
      token === undefined ? refuse(reply, CHALLENGE) : reply.code(500).send();
    expect((await examine(failing)).at(-1)).toMatch(/^gateway warn: \/orders responds with 500/);
  });

  it('does not know of an API that does not respond, and applies to none where none was named', async () => {
    const probes = await probeApis(parsePlan(PLAN), {
      apis: ['http://127.0.0.1:1/'],
      targetToken: undefined,
      idToken: undefined,
      now: Date.now,
      signal: new AbortController().signal,
    });
    expect(examineApis(probes)).toMatchObject([{ check: 'api', verdict: 'unknown' }]);
    expect(examineApis([])).toMatchObject([{ check: 'api', verdict: 'n/a' }]);
  });
});
