import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ObservationPlan } from '@crossfade/core';
import type { Census, SidecarStatus } from '@crossfade/core/status';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Sidecar, startSidecar } from '../../src/index.ts';
import { sendRequest } from '../fixture/http.ts';
import { type Issuer, startIssuer } from '../fixture/issuer.ts';
import { type Listening, listenOnLoopback } from '../fixture/listening.ts';
import { createRecordingLog } from '../fixture/log.ts';
import { BOTH_PATHS, LEGACY, planOf, TARGET } from '../fixture/testbed.ts';
import { startUpstream, type Upstream } from '../fixture/upstream.ts';

let issuer: Issuer;
let upstream: Upstream;
let directory: string;
let sidecar: Sidecar | undefined;
beforeEach(async () => {
  [issuer, upstream] = await Promise.all([startIssuer(), startUpstream()]);
  directory = await mkdtemp(join(tmpdir(), 'census-'));
  await writeFile(join(directory, 'flags.json'), '{}');
});
afterEach(async () => {
  await sidecar?.close();
  await Promise.all([issuer.close(), upstream.close(), rm(directory, { recursive: true })]);
});

async function start(
  sides: Pick<ObservationPlan, 'legacy' | 'target'> | 'both',
  settings: Parameters<typeof planOf>[1] = {},
  options: Parameters<typeof startSidecar>[1] = {},
): Promise<Sidecar> {
  const places = { issuer: issuer.url, upstream: upstream.url, flags: join(directory, 'flags.json') };
  const { legacy, target, ...rest } = planOf(places, settings);
  const plan = { ...rest, ...(sides === 'both' ? { legacy, target } : sides) };
  sidecar = await startSidecar(plan, options);
  return sidecar;
}

const censusOf = async (of: Sidecar) => JSON.parse((await sendRequest(`${of.adminUrl}/census`)).body) as Census;
const statusOf = async (of: Sidecar) => JSON.parse((await sendRequest(`${of.adminUrl}/status`)).body) as SidecarStatus;
const send = (to: Sidecar, token?: string) =>
  sendRequest(`${to.dataUrl}/orders`, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });

test.each(BOTH_PATHS)('a plan without sides shows what arrives, %s', async (_, settings) => {
  const observing = await start({}, settings);
  const legacy = await issuer.mint({ aud: LEGACY });
  for (const token of [legacy, legacy, await issuer.mint({ aud: TARGET, clientId: 'nightly-batch' }), 'opaque'])
    expect((await send(observing, token)).status).toBe(200);
  expect((await send(observing)).status).toBe(200);
  const { rows, truncated } = await censusOf(observing);
  expect(
    rows.map(({ issuer: name, audiences, clientId, kind, count }) => [name, audiences, clientId, kind, count]),
  ).toEqual([
    [issuer.url, [LEGACY], 'web-app', 'access', 2],
    [issuer.url, [TARGET], 'nightly-batch', 'access', 1],
    [null, [], null, 'opaque', 1],
    [null, [], null, 'none', 1],
  ]);
  expect(rows.every(({ signature }) => signature === 'unchecked')).toBe(true);
  expect(truncated).toBe(false);
  expect(await statusOf(observing)).toMatchObject({
    phase: 'prepare',
    acceptance: 'legacy',
    disagreements: { reasons: {}, lastVerifiedAt: null, lastUnverifiedAt: null },
    unavailable: 0,
    audiences: { invalid: { rejected: 0 }, none: { rejected: 0 }, opaque: { rejected: 0 } },
  });
});

test('nothing that a token names is fetched', async () => {
  let fetches = 0;
  const trap: Listening = await listenOnLoopback(
    createServer((_request, response) => {
      fetches += 1;
      response.end('{}');
    }),
  );
  const observing = await start({});
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = { alg: 'RS256', kid: 'k', jku: `${trap.url}/jku`, x5u: `${trap.url}/x5u` };
  const token = `${part(header)}.${part({ iss: trap.url, aud: trap.url, exp: 2e9 })}.c2ln`;
  await send(observing, token);
  expect((await censusOf(observing)).rows).toMatchObject([{ issuer: trap.url, signature: 'unchecked' }]);
  expect(fetches).toBe(0);
  await trap.close();
});

test('what a token says is in no metric and in no log', async () => {
  const log = createRecordingLog();
  const observing = await start({}, {}, { logger: log });
  await send(observing, await issuer.mint({ aud: 'a-very-telling-audience', clientId: 'a-telling-client' }));
  expect((await censusOf(observing)).rows).toHaveLength(1);
  const metrics = (await sendRequest(`${observing.adminUrl}/metrics`)).body;
  await observing.close();
  for (const text of [metrics, JSON.stringify(log.lines)]) expect(text).not.toMatch(/telling/);
});

test('with legacy alone, its tokens are judged, and all are listed', async () => {
  const { legacy } = planOf({ issuer: issuer.url, upstream: '', flags: '' });
  const observing = await start({ legacy });
  const token = await issuer.mint({ aud: LEGACY });
  for (const sent of [token, token, await issuer.mint({ aud: TARGET })]) await send(observing, sent);
  await expect
    .poll(async () => (await censusOf(observing)).rows)
    .toMatchObject([
      { audiences: [LEGACY], signature: 'verified', count: 2 },
      { audiences: [TARGET], signature: 'verified', count: 1 },
    ]);
  expect(await statusOf(observing)).toMatchObject({ phase: 'prepare', audiences: { legacy: { accepted: 2 } } });
});

test('with both sides, the census lists what the plan refuses', async () => {
  const observing = await start('both');
  await send(observing, await issuer.mint({ aud: LEGACY }));
  await send(observing, await issuer.mint({ aud: 'https://other.example.com' }));
  await expect
    .poll(async () => (await censusOf(observing)).rows)
    .toMatchObject([{ audiences: ['https://other.example.com'], signature: 'verified', count: 1 }]);
});

test('the dashboard of a plan without sides works', async () => {
  const observing = await start({});
  await send(observing, await issuer.mint({ aud: LEGACY }));
  const events = await fetch(`${observing.adminUrl}/events`);
  const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('"census"')) text += (await reader?.read())?.value ?? expect.unreachable('the stream ended');
  expect(text).toContain('crossfade census proposes it');
  await reader?.cancel();
});

test.each(['enforce', 'forward-auth'] as const)('a sidecar in %s needs both sides', async (mode) => {
  const settings = mode === 'enforce' ? { judge: 'enforce' as const } : { mode };
  await expect(start({}, settings)).rejects.toThrow(
    expect.objectContaining({
      code: 'config_invalid',
      problems: [expect.objectContaining({ path: 'legacy' }), expect.objectContaining({ path: 'target' })],
    }),
  );
});
