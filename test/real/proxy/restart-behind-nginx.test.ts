import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Issuer, LEGACY, startIssuer } from '../fixture/issuer.ts';
import { listens } from '../fixture/listens.ts';
import { loopbackPort } from '../fixture/loopback-port.ts';
import { type LoopbackServer, startLoopbackServer } from '../fixture/loopback-server.ts';
import { type Program, startProgram } from '../fixture/program.ts';
import { missing } from '../fixture/real-part.ts';
import { type SidecarProgram, startSidecarProgram } from '../fixture/sidecar-program.ts';
import { describeLoad, startSteadyLoad } from '../fixture/steady-load.ts';

/** Each sidecar twice; `npm run test:long` has 20. */
const RESTARTS = Number(process.env['CROSSFADE_STOPS'] ?? 4);
const PER_SECOND = Number(process.env['CROSSFADE_RATE'] ?? 250);
const BODY = '{"orders":[]}';
/** nginx repeats a `GET` on another server by itself, and never a `POST` that it has begun to send. */
const METHODS = ['POST', 'GET', 'POST'];

/** It knows nothing of `/readyz`: it uses a connection as long as neither side has closed it. */
const configuration = (folder: string, port: number, ports: readonly number[]) => `
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  upstream sidecars {
    ${ports.map((each) => `server 127.0.0.1:${each} max_fails=0;`).join('\n    ')}
    keepalive 32;
  }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://sidecars; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`;

describe.skipIf(missing('nginx')).each([true, false])(
  'two sidecars with fastPath: %s, behind an nginx that keeps connections,',
  (fastPath) => {
    let folder: string;
    let issuer: Issuer;
    let api: LoopbackServer;
    let sidecars: SidecarProgram[];
    let nginx: Program;
    let url: string;
    /** What nginx says about connections that took a request and gave no response. */
    const brokenOff = () =>
      readFileSync(join(folder, 'error.log'), 'utf8')
        .split('\n')
        .filter((line) => line !== '' && !line.includes('Connection refused'));
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'restart-'));
      issuer = await startIssuer();
      api = await startLoopbackServer((request, response) => {
        request.resume().on('end', () => setTimeout(() => response.end(BODY), 2));
      });
      const settings = { issuer: issuer.url, mode: 'proxy', upstream: api.url, sidecar: { fastPath } } as const;
      sidecars = await Promise.all([startSidecarProgram(settings), startSidecarProgram(settings)]);
      const port = await loopbackPort();
      url = `http://127.0.0.1:${port}`;
      const file = join(folder, 'nginx.conf');
      writeFileSync(
        file,
        configuration(
          folder,
          port,
          sidecars.map((sidecar) => sidecar.port),
        ),
      );
      nginx = await startProgram('nginx', ['-p', folder, '-c', file, '-e', 'stderr', '-g', 'daemon off;'], {
        cwd: folder,
        ready: () => listens(port),
      });
    });
    afterEach(async () => {
      await nginx?.stop();
      await Promise.all((sidecars ?? []).map((sidecar) => sidecar.remove()));
      await Promise.all([issuer?.close(), api?.close()]);
      rmSync(folder, { recursive: true, force: true });
    });

    it('restart one after the other, and no request fails', { timeout: 300_000 }, async () => {
      const tokens = await Promise.all(Array.from({ length: 20 }, () => issuer.mint(LEGACY)));
      const load = startSteadyLoad({
        url: `${url}/orders`,
        perSecond: PER_SECOND,
        tokens,
        body: BODY,
        methods: METHODS,
      });
      await load.settled();
      for (let restart = 0; restart < RESTARTS; restart += 1) {
        const sidecar = sidecars[restart % sidecars.length];
        await sidecar?.stop('SIGTERM');
        await sidecar?.start();
        await load.settled();
      }
      const report = await load.stop();
      process.stdout.write(`${RESTARTS} restarts behind nginx, fastPath: ${fastPath}: ${describeLoad(report)}\n`);
      expect({ failures: report.failures, nginx: brokenOff() }).toEqual({ failures: [], nginx: [] });
      expect(report.requests).toBeGreaterThan(RESTARTS * 100);
    });
  },
);
