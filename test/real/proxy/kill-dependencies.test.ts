import { createEmulator, type Emulator } from '@crossfade/appconfig-emulator';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Issuer, LEGACY, startIssuer, TARGET } from '../fixture/issuer.ts';
import { type LoopbackServer, startLoopbackServer } from '../fixture/loopback-server.ts';
import { type SidecarProgram, startSidecarProgram } from '../fixture/sidecar-program.ts';
import { describeLoad, startSteadyLoad } from '../fixture/steady-load.ts';

const PER_SECOND = Number(process.env['CROSSFADE_RATE'] ?? 250);
const BODY = '{"orders":[]}';
const LOCATION = { application: 'orders', environment: 'prod', profile: 'crossfade' };
const FLAGS = {
  version: '1',
  flags: { 'issue-target': { name: 'issue-target' } },
  values: { 'issue-target': { enabled: true } },
};
const POLLING = { timeout: 20_000, interval: 50 };

describe('an observing sidecar that loses its issuer and its AppConfig', () => {
  let issuer: Issuer;
  let emulator: Emulator;
  let appConfigPort: number;
  let api: LoopbackServer;
  let sidecar: SidecarProgram;
  const hangingServers: LoopbackServer[] = [];

  beforeEach(async () => {
    issuer = await startIssuer();
    api = await startLoopbackServer((request, response) => request.resume().on('end', () => response.end(BODY)));
    emulator = createEmulator({ pollIntervalSeconds: 1 });
    emulator.seed({ ...LOCATION, content: JSON.stringify(FLAGS) });
    const { url: endpoint } = await emulator.listen();
    appConfigPort = Number(new URL(endpoint).port);
    sidecar = await startSidecarProgram({
      issuer: issuer.url,
      mode: 'proxy',
      upstream: api.url,
      plan: { flags: { source: 'appconfig', ...LOCATION, endpoint, region: 'local' } },
      env: { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's' },
    });
  });
  afterEach(async () => {
    await sidecar?.remove();
    await Promise.all([issuer?.close(), api?.close(), emulator?.close()]);
    await Promise.all(hangingServers.splice(0).map((server) => server.close()));
  });

  const tokens = () => Promise.all(Array.from({ length: 50 }, (_, n) => issuer.mint(n % 2 === 0 ? LEGACY : TARGET)));
  const counted = async () => {
    const { audiences, unavailable } = await sidecar.status();
    const seen = Object.values(audiences).reduce((sum, { accepted, rejected }) => sum + accepted + rejected, 0);
    return { seen, unavailable };
  };

  it.each([
    { how: 'refuse', hangs: false },
    { how: 'accept but ignore', hangs: true },
  ])('changes no response while both $how connections, and counts every request', async ({ how, hangs }) => {
    const load = { url: `http://127.0.0.1:${sidecar.port}/orders`, perSecond: PER_SECOND, body: BODY };
    const known = startSteadyLoad({ ...load, tokens: await tokens() });
    await vi.waitFor(async () => expect((await counted()).seen).toBeGreaterThan(PER_SECOND / 2), POLLING);
    await Promise.all([issuer.close(), emulator.close()]);
    if (hangs) {
      for (const port of [Number(new URL(issuer.url).port), appConfigPort]) {
        hangingServers.push(await startLoopbackServer(() => {}, port));
      }
    }
    const before = (await counted()).seen;
    await vi.waitFor(async () => expect((await counted()).seen).toBeGreaterThan(before + PER_SECOND / 2), POLLING);
    const healthy = await known.stop();

    // Cached keys also judge new tokens; tokens of a key that is not cached cannot be judged.
    const unknown = startSteadyLoad({ ...load, tokens: await rotatedTokens(issuer.url) });
    await vi.waitFor(
      async () => expect((await counted()).seen).toBeGreaterThan(healthy.requests + PER_SECOND),
      POLLING,
    );
    const withUnknownKey = await unknown.stop();
    for (const report of [healthy, withUnknownKey]) process.stdout.write(`both ${how}: ${describeLoad(report)}\n`);
    expect([...healthy.failures, ...withUnknownKey.failures]).toEqual([]);
    await vi.waitFor(async () => {
      expect((await counted()).seen).toBe(healthy.requests + withUnknownKey.requests);
    }, POLLING);
  });
});

/** Mints tokens of a new key that the sidecar cannot fetch. */
async function rotatedTokens(issuer: string): Promise<string[]> {
  const other = await startIssuer();
  try {
    const mint = (_: unknown, n: number) => other.mint(LEGACY, { iss: issuer, sub: `user-${n}` });
    return await Promise.all(Array.from({ length: 50 }, mint));
  } finally {
    await other.close();
  }
}
