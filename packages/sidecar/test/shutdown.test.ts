import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ChildSidecar, spawnSidecar } from './fixture/child.ts';
import { sendRequest } from './fixture/http.ts';
import { type Issuer, startIssuer } from './fixture/issuer.ts';
import { LEGACY } from './fixture/testbed.ts';
import { startUpstream, type Upstream } from './fixture/upstream.ts';

/** `CROSSFADE_STOPS=20` for the full run. */
const STOPS = Number(process.env['CROSSFADE_STOPS'] ?? 1);
const POLL_MS = 100;
const CLIENTS = 8;

let directory: string;
let issuer: Issuer;
let upstream: Upstream;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'shutdown-'));
  [issuer, upstream] = await Promise.all([startIssuer(), startUpstream()]);
});
const running = new Set<ChildSidecar>();
afterAll(async () => {
  for (const sidecar of running) sidecar.kill('SIGKILL');
  await Promise.all([issuer.close(), upstream.close(), rm(directory, { recursive: true })]);
});

async function start(): Promise<ChildSidecar> {
  const settings = { upstream: upstream.url, drainDelay: '500ms', drainTimeout: '10s' };
  const sidecar = await spawnSidecar(await mkdtemp(join(directory, 'sidecar-')), issuer.url, settings);
  running.add(sidecar);
  return sidecar;
}

/** Works like a load balancer: sends requests over persistent connections to the sidecars that are ready. */
function createBalancer() {
  const agent = new Agent({ keepAlive: true });
  let ready: readonly ChildSidecar[] = [];
  const poll = async () => {
    const polls = [...running].map(async (sidecar) => {
      const response = await sendRequest(`${sidecar.adminUrl}/readyz`).catch(() => undefined);
      return response?.status === 200 ? [sidecar] : [];
    });
    ready = (await Promise.all(polls)).flat();
  };
  const polling = setInterval(() => void poll(), POLL_MS);
  let turn = 0;
  return {
    poll,
    async send(authorization: string) {
      turn += 1;
      const sidecar = ready[turn % ready.length];
      if (sidecar === undefined) return 'no sidecar is ready';
      const request = { method: 'POST', headers: { authorization }, body: 'order', agent };
      const response = await sendRequest(sidecar.dataUrl, request).catch((error: Error) => error);
      return response instanceof Error ? response.message : response.status;
    },
    stop() {
      clearInterval(polling);
      agent.destroy();
    },
  };
}

test('sidecars stop one after the other under load: no request fails, and the final counts have every one', async () => {
  const authorization = `Bearer ${await issuer.mint({ aud: LEGACY })}`;
  upstream.respond = (request, response) => {
    request.resume().on('end', () => setTimeout(() => response.end('done'), 5));
  };
  let [current] = [await start()];
  const balancer = createBalancer();
  await balancer.poll();
  const results = new Map<number | string, number>();
  let on = true;
  const client = async () => {
    while (on) {
      const result = await balancer.send(authorization);
      results.set(result, (results.get(result) ?? 0) + 1);
    }
  };
  const clients = Promise.all(Array.from({ length: CLIENTS }, client));
  let counted = 0;
  for (let stop = 0; stop < STOPS; stop += 1) {
    const next = await start();
    await balancer.poll();
    current.kill('SIGTERM');
    counted += (await current.finalStatus()).audiences.legacy.accepted;
    running.delete(current);
    current = next;
  }
  on = false;
  await clients;
  balancer.stop();
  current.kill('SIGTERM');
  counted += (await current.finalStatus()).audiences.legacy.accepted;
  running.clear();
  const sent = results.get(200) ?? 0;
  expect([...results.keys()]).toEqual([200]);
  expect(upstream.seen.length).toBe(sent);
  expect(counted).toBe(sent);
  process.stdout.write(`${STOPS} stops, ${sent} requests, 0 failed\n`);
}, 600_000);
