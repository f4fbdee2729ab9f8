import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Issuer, LEGACY, startIssuer, TARGET } from '../fixture/issuer.ts';
import { type LoopbackServer, startLoopbackServer } from '../fixture/loopback-server.ts';
import { type NginxProgram, startNginx } from '../fixture/nginx-program.ts';
import { missing } from '../fixture/real-part.ts';
import { type SidecarProgram, startSidecarProgram } from '../fixture/sidecar-program.ts';
import { describeLoad, startSteadyLoad } from '../fixture/steady-load.ts';

/** The long run: CROSSFADE_KILLS=20 CROSSFADE_RATE=1000. */
const KILLS = Number(process.env['CROSSFADE_KILLS'] ?? 3);
const PER_SECOND = Number(process.env['CROSSFADE_RATE'] ?? 250);
const BODY = '{"orders":[]}';
const POLLING = { timeout: 30_000, interval: 50 };

describe.skipIf(missing('nginx')).each([
  { file: 'two-sidecars.conf', count: 2 },
  { file: 'api-as-backup.conf', count: 1 },
])('nginx with $file', ({ file, count }) => {
  let issuer: Issuer;
  let api: LoopbackServer;
  let sidecars: SidecarProgram[];
  let nginx: NginxProgram;
  let tokens: string[];

  beforeEach(async () => {
    sidecars = [];
    issuer = await startIssuer();
    tokens = await Promise.all([LEGACY, TARGET, LEGACY, TARGET].map((audience) => issuer.mint(audience)));
    api = await startLoopbackServer((request, response) => request.resume().on('end', () => response.end(BODY)));
    for (let started = 0; started < count; started += 1) {
      sidecars.push(await startSidecarProgram({ issuer: issuer.url, mode: 'proxy', upstream: api.url }));
    }
    const [first, second = first] = sidecars;
    nginx = await startNginx(file, {
      '127.0.0.1:8081': `127.0.0.1:${first?.port}`,
      '127.0.0.1:8082': `127.0.0.1:${second?.port}`,
      '127.0.0.1:3000': `127.0.0.1:${api.port}`,
    });
  });
  afterEach(async () => {
    await nginx?.remove();
    await Promise.all(sidecars.map((sidecar) => sidecar.remove()));
    await Promise.all([issuer?.close(), api?.close()]);
  });

  const waitForTraffic = (sidecar: SidecarProgram) =>
    vi.waitFor(async () => {
      const { audiences } = await sidecar.status();
      // nginx's round robin can give one sidecar every legacy token and the other every target token.
      const accepted = Math.max(audiences['legacy']?.accepted ?? 0, audiences['target']?.accepted ?? 0);
      expect(accepted).toBeGreaterThan(PER_SECOND / 10);
    }, POLLING);

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'fails no idempotent request while sidecars end by %s',
    async (signal) => {
      expect(nginx.check()).toMatchObject({ code: 0 });
      const load = startSteadyLoad({ url: `${nginx.url}/orders`, perSecond: PER_SECOND, tokens, body: BODY });
      let kills = 0;
      try {
        for (; kills < KILLS; kills += 1) {
          const victim = sidecars[kills % count];
          if (victim === undefined) throw new Error('beforeEach starts the sidecars');
          await waitForTraffic(victim);
          await victim.stop(signal);
          await victim.start();
          // Requests that were retried have one sidecar left: wait for their responses before it is killed, too.
          await load.settled();
        }
      } finally {
        const report = await load.stop();
        process.stdout.write(`${file}, ${kills} x ${signal}: ${describeLoad(report)}\n`);
        expect(report.failures).toEqual([]);
      }
    },
    60_000 + KILLS * 20_000,
  );
});
