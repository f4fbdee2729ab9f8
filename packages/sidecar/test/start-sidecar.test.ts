import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@crossfade/core';
import { expect, test, vi } from 'vitest';
import { startSidecar } from '../src/index.ts';
import { sendBytes, sendRequest } from './fixture/http.ts';
import { startIssuer } from './fixture/issuer.ts';
import { freePort, listenOnLoopback } from './fixture/listening.ts';
import { createRecordingLog } from './fixture/log.ts';
import { LEGACY, planOf, readStatus, startTestbed, TARGET } from './fixture/testbed.ts';
import { startUpstream } from './fixture/upstream.ts';

const NOWHERE = { issuer: 'http://127.0.0.1:9', upstream: 'http://127.0.0.1:9', flags: '/nonexistent/flags.json' };

test('starts and proxies while flag store and issuer are unreachable, and judges once the issuer is back', async () => {
  const upstream = await startUpstream();
  const port = await freePort();
  const places = { ...NOWHERE, issuer: `http://127.0.0.1:${port}`, upstream: upstream.url };
  const sidecar = await startSidecar(planOf(places));
  const early = await startIssuer(port);
  const token = await early.mint({ aud: LEGACY });
  await early.close();

  const headers = { authorization: `Bearer ${token}` };
  expect((await sendRequest(sidecar.dataUrl, { headers })).status).toBe(200);
  await vi.waitFor(async () => expect((await readStatus(sidecar)).unavailable).toBe(1));
  const { flags, acceptance, phase } = await readStatus(sidecar);
  expect(flags).toMatchObject({ revision: null, stale: true, problem: expect.any(String) });
  expect({ acceptance, phase }).toEqual({ acceptance: 'legacy', phase: 'prepare' });

  const issuer = await startIssuer(port);
  headers.authorization = `Bearer ${await issuer.mint({ aud: TARGET })}`;
  await vi.waitFor(
    async () => {
      await sendRequest(sidecar.dataUrl, { headers });
      expect((await readStatus(sidecar)).audiences.target.accepted).toBeGreaterThan(0);
    },
    { timeout: 15_000, interval: 250 },
  );
  await sidecar.close();
  await Promise.all([issuer.close(), upstream.close()]);
});

test('acts on the flags of its previous run while the flag store is unreachable', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sidecar-state-'));
  const port = await freePort();
  const location = { application: 'orders', environment: 'prod', profile: 'crossfade' };
  const flags = { source: 'agent', url: `http://127.0.0.1:${port}`, ...location, pollIntervalMs: 60_000 } as const;
  const plan = { ...planOf(NOWHERE), flags };
  const agent = createServer((_request, response) => response.end('{"accept-legacy":{"enabled":false}}'));
  agent.listen(port, '127.0.0.1');
  await once(agent, 'listening');
  const before = await startSidecar(plan, { stateFolder: folder });
  await before.close();
  agent.close();
  agent.closeAllConnections();

  const sidecar = await startSidecar(plan, { stateFolder: folder });
  const status = await readStatus(sidecar);
  expect(status.flags).toMatchObject({ stale: true, problem: expect.stringMatching(/come from the disk cache$/) });
  expect(status.acceptance).toBe('target');
  await sidecar.close();
  await rm(folder, { recursive: true });
});

test('reports the acceptance that the responses of the API show, and the phase that the flags command', async () => {
  const testbed = await startTestbed({}, { flags: { 'issue-target': { enabled: true, percent: 10 } } });
  const send = async (aud: string) =>
    sendRequest(testbed.sidecar.dataUrl, {
      headers: { authorization: `Bearer ${await testbed.issuer.mint({ aud })}` },
    });
  expect(await testbed.status()).toMatchObject({ acceptance: 'both', phase: 'migrate', issuance: { percent: 10 } });
  testbed.upstream.respond = (_request, response) => response.writeHead(401).end();
  await send(TARGET);
  await vi.waitFor(async () =>
    expect(await testbed.status()).toMatchObject({ acceptance: 'legacy', phase: 'migrate' }),
  );
  testbed.upstream.respond = (_request, response) => response.end();
  await send(TARGET);
  await vi.waitFor(async () => expect(await testbed.status()).toMatchObject({ acceptance: 'both', phase: 'migrate' }));
  await testbed.close();
});

test('starts again on the same ports with all counts at 0', async () => {
  const testbed = await startTestbed();
  await sendRequest(testbed.sidecar.dataUrl);
  await vi.waitFor(async () => expect((await testbed.status()).audiences.none.rejected).toBe(1));
  await testbed.sidecar.close();
  const settings = { listen: new URL(testbed.sidecar.dataUrl).host, admin: new URL(testbed.sidecar.adminUrl).host };
  const { sidecar, plan } = testbed;
  const again = await startSidecar({ ...plan, ...(plan.sidecar && { sidecar: { ...plan.sidecar, ...settings } }) });
  expect(again.dataUrl).toBe(sidecar.dataUrl);
  expect((await readStatus(again)).audiences.none.rejected).toBe(0);
  expect((await sendRequest(again.dataUrl)).status).toBe(200);
  await again.close();
  await testbed.close();
});

test('close finishes the requests in flight, turns /readyz to 503 and logs the final counts', async () => {
  const log = createRecordingLog();
  const testbed = await startTestbed({}, { logger: log });
  let finish: () => void = () => {};
  testbed.upstream.respond = (_request, response) => {
    response.write('first ');
    finish = () => response.end('last');
  };
  const agent = new Agent({ keepAlive: true });
  const idle = new Agent({ keepAlive: true });
  const headers = { authorization: `Bearer ${await testbed.issuer.mint({ aud: LEGACY, subject: 'alice' })}` };
  const request = httpRequest(testbed.sidecar.dataUrl, { agent, headers });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];

  const closing = testbed.sidecar.close();
  await vi.waitFor(async () => expect((await fetch(`${testbed.sidecar.adminUrl}/readyz`)).status).toBe(503));
  expect((await fetch(`${testbed.sidecar.adminUrl}/healthz`)).status).toBe(200);
  expect(testbed.sidecar.close()).toBe(closing);
  finish();
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += chunk;
  expect(body).toBe('first last');
  await closing;

  const last = log.lines.at(-1);
  expect(last?.fields).toMatchObject({ event: 'final_counts', status: { audiences: { legacy: { accepted: 1 } } } });
  expect(JSON.stringify(log.lines)).not.toContain('alice');
  expect(JSON.stringify(log.lines)).not.toContain(headers.authorization.split('.')[1]);
  await expect(sendRequest(testbed.sidecar.dataUrl)).rejects.toThrow('ECONNREFUSED');
  agent.destroy();
  idle.destroy();
  await testbed.close();
});

test('close ends upgraded connections at once', async () => {
  const testbed = await startTestbed();
  testbed.upstream.upgrade = (_request, socket) => {
    socket.resume().write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhi');
    socket.on('end', () => socket.end());
  };
  const head = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  const talking = sendBytes(testbed.sidecar.dataUrl, head).catch(() => 'cut');
  await vi.waitFor(async () => expect((await testbed.status()).audiences.none.rejected).toBe(1));
  await testbed.sidecar.close();
  expect(await talking).toMatch(/hi$|cut/);
  await testbed.close();
});

test('logs the flags and their changes', async () => {
  const log = createRecordingLog();
  const testbed = await startTestbed({}, { logger: log });
  await testbed.setFlags({ 'issue-target': { enabled: true, percent: 50, revision: '3' } });
  await vi.waitFor(
    () => expect(log.lines.map(({ fields }) => fields['percent'])).toEqual(expect.arrayContaining([0, 50])),
    { timeout: 10_000 },
  );
  await testbed.close();
});

test.each([
  ['no sidecar section', undefined, 'sidecar', 'is required'],
  [
    'a collector whose admin port other machines can reach',
    { mode: 'collect', admin: '0.0.0.0:0' } as const,
    'sidecar.admin',
    'Unix socket',
  ],
])('rejects a plan with %s', async (_name, settings, path, message) => {
  const { sidecar, ...plan } = planOf(NOWHERE, settings ?? {});
  const failure = startSidecar(settings === undefined || sidecar === undefined ? plan : { ...plan, sidecar });
  await expect(failure).rejects.toBeInstanceOf(ConfigError);
  await expect(failure).rejects.toMatchObject({ problems: [{ path, message: expect.stringContaining(message) }] });
});

test.each(['listen', 'admin'] as const)(
  'rejects a %s address that is in use, and leaves nothing running',
  async (setting) => {
    const taken = await listenOnLoopback(createServer());
    const failure = startSidecar(planOf(NOWHERE, { [setting]: `127.0.0.1:${taken.port}` }));
    await expect(failure).rejects.toMatchObject({
      problems: [{ path: `sidecar.${setting}`, message: `127.0.0.1:${taken.port} is already in use` }],
    });
    await taken.close();
  },
);

test.each(['proxy', 'forward-auth', 'collect'] as const)(
  'reports a process id of its own in every run, the same at every read, in mode %s',
  async (mode) => {
    const plan = planOf(NOWHERE, { mode });
    const sidecars = [await startSidecar(plan), await startSidecar(plan)];
    const read = () => Promise.all(sidecars.map(async (sidecar) => (await readStatus(sidecar)).process));
    const ids = await read();
    expect(new Set(ids).size).toBe(2);
    expect(ids).toEqual([expect.stringMatching(/^[\da-f-]{36}$/), expect.stringMatching(/^[\da-f-]{36}$/)]);
    expect(await read()).toEqual(ids);
    await Promise.all(sidecars.map((sidecar) => sidecar.close()));
  },
);
