import { afterEach, expect, it, vi } from 'vitest';
import { startClients } from './clients.ts';
import { type Pod, startPod } from './pod.ts';
import { type PodManifest, readPodManifest } from './pod-manifest.ts';
import { type Service, startService } from './service.ts';

/** The manifest's times are divided by this. `CROSSFADE_ROLLOUT_SPEED=1` for the real ones. */
const SPEED = Number(process.env['CROSSFADE_ROLLOUT_SPEED'] ?? 5);
/** How late kube-proxy learns of a pod's end: not divided. */
const LAG_MS = 1_000;
const CLIENTS = 16;
const LEAST_REQUESTS = 900;

const manifest = readPodManifest();
const pods: Pod[] = [];
let service: Service | undefined;
afterEach(async () => {
  await service?.close();
  await Promise.all(pods.splice(0).map((pod) => pod.remove()));
});

/** Replaces one pod after the other under load, as a Deployment with maxSurge 1 and maxUnavailable 0 does. */
async function rollOut(replicas: number, change: Partial<PodManifest> = {}) {
  const faster = {
    ...manifest,
    drainDelayMs: manifest.drainDelayMs / SPEED,
    drainTimeoutMs: manifest.drainTimeoutMs / SPEED,
    graceMs: manifest.graceMs / SPEED,
    apiPreStopMs: manifest.apiPreStopMs / SPEED,
    ...change,
  };
  const endpoints = await startService(LAG_MS);
  service = endpoints;
  const start = async () => {
    const pod = await startPod(faster);
    pods.push(pod);
    await vi.waitFor(async () => expect(await pod.isReady()).toBe(true));
    return pod;
  };
  const old = await Promise.all(Array.from({ length: replicas }, start));
  await Promise.all(old.map(({ port }) => endpoints.add(port)));
  const clients = startClients(endpoints.port, CLIENTS);
  await vi.waitFor(() => expect(clients.sent()).toBeGreaterThan(100), { timeout: 10_000 });
  const ends: Promise<readonly string[]>[] = [];
  for (const pod of old) {
    const next = await start();
    await endpoints.add(next.port);
    ends.push(
      pod.terminate(),
      endpoints.remove(pod.port).then(() => []),
    );
  }
  const killed = (await Promise.all(ends)).flat();
  const { requests, failures } = await clients.stop();
  process.stdout.write(`${replicas} pods replaced, ${requests} requests, failed: ${JSON.stringify(failures)}\n`);
  return { requests, failures, killed };
}

it('a rollout of the manifest fails no request, over kept and over new connections', async () => {
  const { requests, failures, killed } = await rollOut(3);
  expect({ failures, killed }).toEqual({ failures: {}, killed: [] });
  expect(requests).toBeGreaterThanOrEqual(LEAST_REQUESTS);
}, 300_000);

it('without the hooks of the manifest requests fail: the API ends before the sidecar', async () => {
  const { failures } = await rollOut(1, { apiPreStopMs: 0, sidecarPreStop: undefined });
  expect(Object.keys(failures)).toEqual(expect.arrayContaining(['GET 502', 'POST 502']));
}, 300_000);

it('without the hook of the sidecar they fail, too: connections that clients keep outlive the wait of the API', async () => {
  const { failures } = await rollOut(1, { sidecarPreStop: undefined });
  expect(Object.values(failures).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
}, 300_000);
