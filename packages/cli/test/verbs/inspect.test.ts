import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import Fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTokenWorkplace, mintToken, PUBLISHED_KEY } from '../fixture/token-workplace.ts';
import { PLAN } from '../fixture/workplace.ts';

/** Starts an introspection endpoint (RFC 7662) that knows one opaque token and one client secret. */
async function startIntrospection(active: string, secret: string, response: object): Promise<string> {
  const app = Fastify({ forceCloseConnections: true });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, new URLSearchParams(String(body))),
  );
  app.post<{ Body: URLSearchParams }>('/introspect', (request, reply) => {
    const credentials = `Basic ${Buffer.from(`inspector:${secret}`).toString('base64')}`;
    if (request.headers.authorization !== credentials) return reply.code(401).send({});
    return request.body.get('token') === active ? { active: true, ...response } : { active: false };
  });
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.close());
  return `${origin}/introspect`;
}

describe('crossfade inspect', () => {
  it('says that a legacy token is accepted now and rejected after the close', async () => {
    const { crossfade, claims } = await createTokenWorkplace();
    const result = await crossfade(['inspect', mintToken({ ...claims, aud: 'default-api' }), '--json']);
    expect(result.exitCode).toBe(0);
    expect(result.json()).toMatchObject({
      outcome: 'accepted',
      audience: 'legacy',
      afterClose: 'rejected',
      clientId: 'web-app',
      scope: ['orders:read'],
      expiresAt: new Date(claims.exp * 1000).toISOString(),
    });
  });

  it('reads the token from stdin and prints neither the token nor its subject', async () => {
    const { crossfade, claims } = await createTokenWorkplace();
    const token = mintToken({ ...claims, aud: 'https://api.example.com/orders' });
    const stdin = new PassThrough();
    stdin.end(`Bearer ${token}\n`);
    const { exitCode, stdout, stderr } = await crossfade(['inspect', '-'], { stdin });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /audience +target\n +legacy side +rejected: wrong_audience: .* target side alone\n +target side +accepted\n +after close +accepted/,
    );
    expect(stdout + stderr).not.toMatch(/alice|eyJ/);
  });

  it('ends with 1 and the reason when it is rejected', async () => {
    const { crossfade, claims } = await createTokenWorkplace();
    const forged = mintToken(
      { ...claims, aud: 'default-api' },
      { key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey },
    );
    const result = await crossfade(['inspect', forged]);
    expect(result).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('rejected: bad_signature') });
    const expired = await crossfade(['inspect', mintToken({ ...claims, aud: 'default-api', exp: 1 }), '--json']);
    expect(expired.json()).toMatchObject({ exitCode: 1, outcome: 'rejected', reason: 'expired' });
  });

  it('names the client of a rejected token that was verified, so that it can be found', async () => {
    const { crossfade, claims } = await createTokenWorkplace();
    const token = mintToken({ ...claims, aud: 'another-api' });
    const result = await crossfade(['inspect', token]);
    expect(result.stdout).toMatch(
      /rejected: wrong_audience\n +audience +foreign\n +either side +rejected: wrong_audience: .* names neither side\n +after close +rejected\n +client +web-app/,
    );
    expect((await crossfade(['inspect', token, '--json'])).json()).toMatchObject({
      reason: 'wrong_audience',
      audience: 'foreign',
      clientId: 'web-app',
      expiresAt: new Date(claims.exp * 1000).toISOString(),
    });
  });

  it('judges an opaque token by introspection, with the secret that the plan names', async () => {
    const { crossfade, writePlan, claims, plan } = await createTokenWorkplace();
    const [token, secret] = [randomUUID(), randomUUID()];
    const endpoint = await startIntrospection(token, secret, { ...claims, aud: 'default-api' });
    const introspection = { endpoint, clientId: 'inspector', clientSecretEnv: 'IDP_SECRET' };
    await writePlan({ ...plan, legacy: { ...plan.legacy, introspection } });
    const accepted = await crossfade(['inspect', token, '--json'], { env: { IDP_SECRET: secret } });
    expect(accepted.json()).toMatchObject({ exitCode: 0, outcome: 'accepted', audience: 'legacy' });
    const unknown = await crossfade(['inspect', randomUUID(), '--json'], { env: { IDP_SECRET: secret } });
    expect(unknown.json()).toMatchObject({ exitCode: 1, reason: 'inactive' });
  });

  it('ends with 2 and names the environment variable of a secret that is not set', async () => {
    const { crossfade, writePlan, plan } = await createTokenWorkplace();
    const introspection = { clientId: 'inspector', clientSecretEnv: 'IDP_SECRET' };
    await writePlan({ ...plan, legacy: { ...plan.legacy, introspection } });
    const result = await crossfade(['inspect', randomUUID()]);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain('legacy.introspection.clientSecretEnv: names the environment variable IDP_SECRET');
  });

  it('judges with the keys, the size limit and the audiences of the plan', async () => {
    const { crossfade, writePlan, claims } = await createTokenWorkplace();
    const keys = { keys: [PUBLISHED_KEY] };
    const side = { issuer: 'acme.com', keys };
    const plan = {
      ...PLAN,
      legacy: { ...PLAN.legacy, ...side, audience: ['api://guid', 'guid'] },
      target: { ...PLAN.target, ...side },
    };
    await writePlan(plan);
    const token = mintToken({ ...claims, iss: 'acme.com', aud: 'guid' });
    expect((await crossfade(['inspect', token, '--json'])).json()).toMatchObject({
      outcome: 'accepted',
      audience: 'legacy',
    });
    await writePlan({ ...plan, maxTokenBytes: 100 });
    expect((await crossfade(['inspect', token, '--json'])).json()).toMatchObject({ reason: 'token_too_large' });
  });

  it('ends with 3 when the denylist that the plan names cannot be asked, and prints no credentials', async () => {
    const { crossfade, writePlan, claims, plan } = await createTokenWorkplace();
    await writePlan({ ...plan, revocation: { redis: 'redis://:hunter2@127.0.0.1:1', by: 'jti' } });
    const result = await crossfade(['inspect', mintToken({ ...claims, aud: 'default-api' })]);
    expect(result.exitCode).toBe(3);
    expect(result.stderr).toContain('the Redis denylist cannot be asked: ECONNREFUSED');
    expect(result.stdout + result.stderr).not.toContain('hunter2');
  });

  it('takes any audience for legacy where the plan observes', async () => {
    const { crossfade, writePlan, claims, plan } = await createTokenWorkplace();
    const { audience, ...legacy } = plan.legacy;
    const sidecar = { service: 'orders-api', mode: 'proxy', judge: 'observe', upstream: 'http://127.0.0.1:3000' };
    await writePlan({ ...plan, legacy: { ...legacy, anyAudience: true }, sidecar });
    const judgement = (await crossfade(['inspect', mintToken({ ...claims, aud: 'whatever' }), '--json'])).json();
    expect(judgement).toMatchObject({ outcome: 'accepted', audience: 'legacy', afterClose: 'rejected' });
  });

  it('ends with 3 when the keys cannot be fetched', async () => {
    const { crossfade, claims, issuer } = await createTokenWorkplace();
    issuer.wellKnown = '/elsewhere';
    expect(await crossfade(['inspect', mintToken({ ...claims, aud: 'default-api' })])).toMatchObject({ exitCode: 3 });
  });

  it.each([[[]], [['']], [['-']], [['one', 'two']]])('requires exactly one token: %j', async (words) => {
    const { crossfade } = await createTokenWorkplace();
    const stdin = new PassThrough();
    stdin.end();
    expect(await crossfade(['inspect', ...words], { stdin })).toMatchObject({ exitCode: 2, stdout: '' });
  });

  it('refuses input that is longer than any token', async () => {
    const { crossfade } = await createTokenWorkplace();
    const stdin = new PassThrough();
    stdin.end('x'.repeat(70_000));
    expect(await crossfade(['inspect', '-'], { stdin })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('64 Ki'),
    });
  });
});
