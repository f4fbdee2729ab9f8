import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { liveInstances } from '@crossfade/core/metrics';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startPrometheus } from '../fixture/prometheus.ts';
import { startSidecar } from '../fixture/sidecar.ts';
import { createWorkplace, NOW_MS, PLAN } from '../fixture/workplace.ts';

const now = () => NOW_MS;
const batch = {
  clientId: 'nightly-batch',
  accepted: 3,
  rejected: 0,
  reasons: {},
  lastSeenAt: '2026-03-01T11:00:00Z',
  latestIssuedAt: '2026-03-01T10:00:00Z',
  latestExpiryAt: '2026-03-01T13:00:00Z',
  stillMinting: false,
};

async function createWatchedWorkplace() {
  const workplace = await createWorkplace();
  const sidecars = [await startSidecar(), await startSidecar()] as const;
  sidecars[0].stragglers = { clients: [batch], truncated: false };
  await workplace.writePlan({ ...PLAN, gate: { sidecars: sidecars.map(({ url }) => url) } });
  return { ...workplace, sidecars };
}

describe('crossfade stragglers', () => {
  it('merges the lists of all sidecars, most recent first', async () => {
    const { crossfade, sidecars } = await createWatchedWorkplace();
    const web = { ...batch, clientId: 'web-app', lastSeenAt: '2026-03-01T11:59:00Z' };
    const later = {
      ...batch,
      accepted: 2,
      rejected: 4,
      reasons: { id_token: 1, wrong_audience: 3 },
      lastSeenAt: '2026-03-01T11:30:00Z',
      latestIssuedAt: null,
      stillMinting: true,
    };
    sidecars[1].stragglers = { clients: [later, web], truncated: true };
    const result = await crossfade(['stragglers', '--json'], { now });
    expect(result.exitCode).toBe(0);
    expect(result.json()).toMatchObject({
      truncated: true,
      clients: [
        { clientId: 'web-app', accepted: 3 },
        {
          clientId: 'nightly-batch',
          accepted: 5,
          rejected: 4,
          reasons: { id_token: 1, wrong_audience: 3 },
          lastSeenAt: '2026-03-01T11:30:00.000Z',
          latestIssuedAt: '2026-03-01T10:00:00.000Z',
          stillMinting: true,
        },
      ],
    });
  });

  it('prints when each client was seen and when its newest token expires', async () => {
    const { crossfade } = await createWatchedWorkplace();
    const { stdout } = await crossfade(['stragglers'], { now });
    expect(stdout).toContain('1 client comes with tokens that a close turns away');
    expect(stdout).toContain(
      'nightly-batch; 3 requests accepted; last 1h ago; newest token valid until 2026-03-01T13:00:00Z (in 1h); gets no new tokens',
    );
  });

  it('counts one request in the singular', async () => {
    const { crossfade, sidecars } = await createWatchedWorkplace();
    sidecars[0].stragglers = { clients: [{ ...batch, accepted: 1 }], truncated: false };
    expect((await crossfade(['stragglers'], { now })).stdout).toContain('nightly-batch; 1 request accepted; ');
  });

  it('names the connections that a client has open, of all sidecars', async () => {
    const { crossfade, sidecars } = await createWatchedWorkplace();
    sidecars[0].stragglers = { clients: [{ ...batch, openConnections: 1 }], truncated: false };
    const { stdout } = await crossfade(['stragglers'], { now });
    expect(stdout).toContain('gets no new tokens; 1 open connection\n');
    sidecars[1].stragglers = {
      clients: [
        { ...batch, openConnections: 2 },
        { ...batch, clientId: 'old' },
      ],
      truncated: false,
    };
    const result = await crossfade(['stragglers', '--json'], { now });
    expect(result.json()['clients']).toMatchObject([
      { clientId: 'nightly-batch', openConnections: 3 },
      { clientId: 'old', openConnections: 0 },
    ]);
    expect((await crossfade(['stragglers'], { now })).stdout).toContain('; 3 open connections\n');
  });

  it('prints why a client was rejected, the most frequent reason first', async () => {
    const { crossfade, sidecars } = await createWatchedWorkplace();
    const reasons = { id_token: 1, wrong_audience: 3 };
    sidecars[1].stragglers = { clients: [{ ...batch, accepted: 0, rejected: 4, reasons }], truncated: false };
    expect((await crossfade(['stragglers'], { now })).stdout).toContain(
      'nightly-batch; 3 requests accepted; 4 rejected; why: wrong_audience 3, id_token 1; last 1h ago',
    );
  });

  it('reads the list of an older sidecar, which counts no rejections', async () => {
    const { crossfade, sidecars } = await createWatchedWorkplace();
    const { rejected, reasons, ...older } = batch;
    sidecars[0].stragglers = { clients: [older], truncated: false };
    expect((await crossfade(['stragglers', '--json'], { now })).json()).toMatchObject({
      clients: [{ clientId: 'nightly-batch', rejected: 0, reasons: {} }],
    });
  });

  it('ends with 4 and names a sidecar that does not respond', async () => {
    const { crossfade, sidecars } = await createWatchedWorkplace();
    await sidecars[1].close();
    const result = await crossfade(['stragglers'], { now });
    expect(result.exitCode).toBe(4);
    expect(result.stdout).toContain(`${sidecars[1].url}: cannot be reached`);
  });

  it('requires sidecars in the plan', async () => {
    const { crossfade } = await createWorkplace();
    expect(await crossfade(['stragglers'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('gate: names no sidecar'),
    });
  });

  it('asks every instance that Prometheus scrapes, and says how many responded', async () => {
    const { crossfade, sidecars, writePlan } = await createWatchedWorkplace();
    const dead = await startSidecar();
    await dead.close();
    const instances = [...sidecars, dead].map(({ url }) => new URL(url).host);
    const prometheus = await startPrometheus({ live: liveInstances('orders-2026') });
    prometheus.results.live = instances.map((instance) => [{ job: 'api', instance }, 1]);
    await writePlan({ ...PLAN, gate: { prometheus: prometheus.url } });
    sidecars[1].stragglers = { clients: [{ ...batch, clientId: 'web-app' }], truncated: false };
    const env = { CROSSFADE_READ_TOKEN: 'secret' };
    const result = await crossfade(['stragglers'], { now, env });
    expect(result.exitCode).toBe(4);
    expect(result.stdout).toContain('2 clients come');
    expect(result.stdout).toMatch(/asked +2 of 3 sidecars responded/);
    expect(result.stdout).toMatch(new RegExp(`missing +${dead.url}: cannot be reached`));
    expect((await crossfade(['stragglers', '--json'], { now, env })).json()).toMatchObject({
      ...{ asked: 3, responded: 2, partial: true },
      clients: expect.arrayContaining([
        expect.objectContaining({ clientId: 'nightly-batch' }),
        expect.objectContaining({ clientId: 'web-app' }),
      ]),
    });
    prometheus.results.live = instances.slice(0, 2).map((instance) => [{ job: 'api', instance }, 1]);
    expect(await crossfade(['stragglers', '--json'], { now, env })).toMatchObject({ exitCode: 0 });
  });

  it('knows of no sidecar where Prometheus scrapes none, and cannot ask one that is down', async () => {
    const { crossfade, writePlan } = await createWorkplace();
    const prometheus = await startPrometheus({ live: liveInstances('orders-2026') });
    await writePlan({ ...PLAN, gate: { prometheus: prometheus.url } });
    const none = await crossfade(['stragglers'], { now });
    expect(none.exitCode).toBe(4);
    expect(none.stdout).toMatch(/asked +0 of 0 sidecars responded/);
    await prometheus.close();
    expect(await crossfade(['stragglers'], { now })).toMatchObject({ exitCode: 3 });
  });

  it('lists the 500 clients seen last, and says how many there are', async () => {
    const { crossfade, sidecars } = await createWatchedWorkplace();
    const seen = (index: number) => new Date(NOW_MS - 60_000 - index * 1000).toISOString();
    const clients = Array.from({ length: 600 }, (_, index) => ({
      ...batch,
      clientId: `app-${index}`,
      lastSeenAt: seen(index),
    }));
    sidecars[0].stragglers = { clients: clients.slice(0, 300), truncated: false };
    sidecars[1].stragglers = { clients: clients.slice(300), truncated: false };
    const { stdout, exitCode } = await crossfade(['stragglers'], { now });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('600 clients come with tokens');
    expect(stdout.match(/app-\d+;/g)).toEqual(clients.slice(0, 500).map(({ clientId }) => `${clientId};`));
    expect(stdout).toMatch(/truncated +100 more were seen before these, and are not listed/);
    const json = (await crossfade(['stragglers', '--json'], { now })).json();
    expect(json).toMatchObject({ clientCount: 600, truncated: true });
    expect(json['clients']).toHaveLength(500);
  });

  it('names 20 of the sidecars that do not respond, and counts all', async () => {
    const { crossfade, sidecars, writePlan } = await createWatchedWorkplace();
    const dead = await startSidecar();
    await dead.close();
    const silent = Array.from({ length: 50 }, (_, index) => `${dead.url}/${index}`);
    await writePlan({ ...PLAN, gate: { sidecars: [sidecars[0].url, ...silent] } });
    const { stdout, exitCode } = await crossfade(['stragglers'], { now });
    expect(exitCode).toBe(4);
    expect(stdout).toMatch(/asked +1 of 51 sidecars responded/);
    expect(stdout.match(/cannot be reached/g)).toHaveLength(20);
    expect(stdout).toMatch(/missing +and 30 more/);
    const json = (await crossfade(['stragglers', '--json'], { now })).json();
    expect(json).toMatchObject({ known: 51, asked: 51, responded: 1, partial: true, clientCount: 1 });
    expect(json['missing']).toHaveLength(20);
  });

  it('tells those that had no turn in time from those that did not respond', async () => {
    const { crossfade, writePlan } = await createWorkplace();
    const realNow = performance.now.bind(performance);
    let lateMs = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => realNow() + lateMs);
    // Those whose turn it is respond together, when the time is over.
    const waiting: ServerResponse[] = [];
    const server = createServer((_request, response) => {
      if (waiting.push(response) < 16) return;
      lateMs += 30_001;
      for (const [index, held] of waiting.splice(0).entries())
        held.writeHead(index === 0 ? 200 : 503).end(JSON.stringify({ clients: [batch], truncated: false }));
    }).listen(0, '127.0.0.1');
    onTestFinished(() => {
      clock.mockRestore();
      server.close();
    });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const urls = Array.from({ length: 40 }, (_, index) => `http://127.0.0.1:${port}/${index}`);
    await writePlan({ ...PLAN, gate: { sidecars: urls } });
    const { stdout, exitCode } = await crossfade(['stragglers'], { now });
    expect(exitCode).toBe(4);
    expect(stdout).toMatch(/asked +16 of 40 sidecars: 1 responded, 15 did not, 24 had no turn within 30 seconds/);
    expect((await crossfade(['stragglers', '--json'], { now })).json()).toMatchObject({
      ...{ known: 40, asked: 16, responded: 1, partial: true },
    });
  });
});
