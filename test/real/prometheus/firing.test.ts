import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Issuer, startIssuer, TARGET } from '../fixture/issuer.ts';
import { loopbackPort } from '../fixture/loopback-port.ts';
import { startLoopbackServer } from '../fixture/loopback-server.ts';
import { type PrometheusProgram, startPrometheus } from '../fixture/prometheus-program.ts';
import { missing } from '../fixture/real-part.ts';
import { type SidecarProgram, startSidecarProgram } from '../fixture/sidecar-program.ts';

const PATIENCE = { timeout: 40_000, interval: 200 };

/** The shipped rules, 60 times faster, over what real sidecars tell: `for: 5m` is 5 s. */
describe.skipIf(missing('prometheus'))('the alerts of sidecars that Prometheus scrapes', () => {
  let issuer: Issuer;
  let api: { readonly url: string; close(): Promise<void> };
  let watched: SidecarProgram;
  let keyless: SidecarProgram;
  let prometheus: PrometheusProgram;
  let nowhere: string;
  let isRefusing = false;

  beforeAll(async () => {
    issuer = await startIssuer();
    api = await startLoopbackServer((_request, response) => {
      response.writeHead(isRefusing ? 401 : 200).end();
    });
    const settings = { mode: 'proxy', upstream: api.url } as const;
    nowhere = `http://127.0.0.1:${await loopbackPort()}`;
    [watched, keyless] = await Promise.all([
      startSidecarProgram({ ...settings, issuer: issuer.url }),
      startSidecarProgram({ ...settings, issuer: nowhere }),
    ]);
    prometheus = await startPrometheus(watched, keyless);
  });
  afterAll(async () => {
    await prometheus?.remove();
    await Promise.all([watched?.remove(), keyless?.remove(), issuer?.close(), api?.close()]);
  });

  async function send(sidecar: SidecarProgram, token: string): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${sidecar.port}/orders`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await response.text();
  }
  const firing = (alert: string) => prometheus.value(`count(ALERTS{alertname="${alert}",alertstate="firing"})`);

  it('are silent about what did not happen', async () => {
    await expect.poll(() => prometheus.value('count(crossfade:live_instances:count)'), PATIENCE).toBe(1);
    await send(watched, await issuer.mint(TARGET));
    expect(await firing('CrossfadeValidTokenUnauthorized')).toBeUndefined();
    expect(await firing('CrossfadeKeysMissing')).toBeUndefined();
    expect(await firing('CrossfadeMetersGone')).toBeUndefined();
  });

  it('tell of one 401 to a valid token, the first of all, and resolve', async () => {
    isRefusing = true;
    await send(watched, await issuer.mint(TARGET));
    isRefusing = false;
    await expect.poll(() => firing('CrossfadeValidTokenUnauthorized'), PATIENCE).toBe(1);
    await expect.poll(() => firing('CrossfadeValidTokenUnauthorized'), PATIENCE).toBeUndefined();
  });

  it('tell of keys that an instance never had', async () => {
    await send(keyless, await issuer.mint(TARGET, { iss: nowhere }));
    // Both sides have this issuer.
    await expect.poll(() => firing('CrossfadeKeysMissing'), PATIENCE).toBe(2);
  });

  it('tell that all meters are gone, until one is back', async () => {
    await Promise.all([watched.stop('SIGKILL'), keyless.stop('SIGKILL')]);
    await expect.poll(() => firing('CrossfadeMetersGone'), PATIENCE).toBe(1);
    await watched.start();
    await expect.poll(() => firing('CrossfadeMetersGone'), PATIENCE).toBeUndefined();
  });
});
