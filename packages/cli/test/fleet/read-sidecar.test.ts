import Fastify, { type FastifyReply } from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { readSidecar } from '../../src/fleet/read-sidecar.ts';
import { createWorkplace, PLAN } from '../fixture/workplace.ts';

const TOKEN = 'read-token-of-this-test';
const signal = new AbortController().signal;

/** A metrics port as the sidecar serves it, and what arrived there. */
async function startPort(respond: (reply: FastifyReply) => unknown = (reply) => reply.send({ fine: true })) {
  const app = Fastify({ forceCloseConnections: true });
  onTestFinished(() => app.close());
  const seen: (string | undefined)[] = [];
  app.get('/*', (request, reply) => {
    seen.push(request.headers.authorization);
    return respond(reply);
  });
  return { url: await app.listen({ host: '127.0.0.1', port: 0 }), seen };
}

it('sends the read token of the environment', async () => {
  const { url, seen } = await startPort();
  expect((await readSidecar(`${url}/`, '/status', { env: { CROSSFADE_READ_TOKEN: TOKEN }, signal })).body).toEqual({
    fine: true,
  });
  expect(seen).toEqual([`Bearer ${TOKEN}`]);
});

it.each([{}, { CROSSFADE_READ_TOKEN: '' }, { CROSSFADE_SIDECAR_READ_TOKEN: TOKEN }])(
  'sends none where the environment is %j',
  async (env) => {
    const { url, seen } = await startPort();
    await readSidecar(url, '/status', { env, signal });
    expect(seen).toEqual([undefined]);
  },
);

it('leaves credentials in the URL in place of the token', async () => {
  const { url, seen } = await startPort();
  const withUser = url.replace('//', '//user:pass@');
  await readSidecar(withUser, '/status', { env: { CROSSFADE_READ_TOKEN: TOKEN }, signal });
  expect(seen).toEqual([`Basic ${Buffer.from('user:pass').toString('base64')}`]);
});

it('never hands the token to where a response redirects', async () => {
  const elsewhere = await startPort();
  const { url } = await startPort((reply) => reply.redirect(`${elsewhere.url}/status`));
  const reading = readSidecar(url, '/status', { env: { CROSSFADE_READ_TOKEN: TOKEN }, signal });
  await expect(reading).rejects.toThrow('responded with 302');
  expect(elsewhere.seen).toEqual([]);
});

it.each([
  [401, {}, /^wants CROSSFADE_READ_TOKEN: set it to the secret that the sidecar has as CROSSFADE_SIDECAR_READ_TOKEN$/],
  [401, { CROSSFADE_READ_TOKEN: TOKEN }, /^does not accept CROSSFADE_READ_TOKEN: set it to/],
  [
    404,
    {},
    /^does not serve \/census here: a sidecar's metrics port does so once CROSSFADE_SIDECAR_READ_TOKEN is set; an API that counts by itself has none$/,
  ],
  [421, {}, /^listens on loopback and does not respond to that name/],
  [503, {}, /^responded with 503$/],
])('says what %s means with %j', async (status, env, message) => {
  const { url } = await startPort((reply) => reply.code(status).send());
  await expect(readSidecar(url, '/census', { env, signal })).rejects.toThrow(message);
});

it.each(['two words', 'line\nbreak', 'ümlaut-0123456789'])('sends nothing with the token %j', async (token) => {
  const { url, seen } = await startPort();
  const reading = readSidecar(url, '/status', { env: { CROSSFADE_READ_TOKEN: token }, signal });
  await expect(reading).rejects.toThrow(/^was not asked: CROSSFADE_READ_TOKEN must be one word/);
  expect(seen).toEqual([]);
});

it('says by verb that a sidecar wants the token, and shows the token nowhere', async () => {
  const port = await startPort((reply) => reply.code(401).send());
  const plan = { ...PLAN, gate: { sidecars: [port.url] } };
  const workplace = await createWorkplace(plan);
  await workplace.writeFlags({});
  for (const verb of ['status', 'gate', 'stragglers', 'census', 'doctor']) {
    const without = await workplace.crossfade([verb]);
    expect(without.stdout + without.stderr, verb).toContain('wants CROSSFADE_READ_TOKEN');
    const wrong = await workplace.crossfade([verb, '--json'], { env: { CROSSFADE_READ_TOKEN: TOKEN } });
    expect(wrong.stdout, verb).toContain('does not accept CROSSFADE_READ_TOKEN');
    expect(wrong.stdout + wrong.stderr, verb).not.toContain(TOKEN);
  }
  expect(port.seen.filter((authorization) => authorization === `Bearer ${TOKEN}`)).toHaveLength(6);
});

it('keeps the token from Prometheus', async () => {
  const prometheus = await startPort((reply) => reply.code(500).send());
  const workplace = await createWorkplace({ ...PLAN, gate: { prometheus: prometheus.url } });
  await workplace.writeFlags({});
  await workplace.crossfade(['gate'], { env: { CROSSFADE_READ_TOKEN: TOKEN } });
  expect(prometheus.seen.length).toBeGreaterThan(0);
  expect(new Set(prometheus.seen)).toEqual(new Set([undefined]));
});

it('rolls back whatever the token is', async () => {
  const port = await startPort((reply) => reply.code(401).send());
  const workplace = await createWorkplace({ ...PLAN, gate: { sidecars: [port.url] } });
  await workplace.writeFlags({ 'issue-target': { enabled: true, percent: 50, revision: '7' } });
  const env = { CROSSFADE_READ_TOKEN: 'two words' };
  const interrupt = new AbortController();
  interrupt.abort();
  const { stdout } = await workplace.crossfade(['rollback'], { env, signal: interrupt.signal });
  expect(await workplace.flags()).toMatchObject({ document: { issuance: { percent: 0 } } });
  expect(stdout).not.toContain('two words');
});
