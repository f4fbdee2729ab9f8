import { join } from 'node:path';
import { startBenchProcesses } from './bench-processes.ts';
import { contend } from './contend.ts';
import { createWrk, isInstalled } from './wrk.ts';

/**
 * Prints the cost of asking the sidecar about every request: the endpoint alone next to a server that does nothing, and
 * behind nginx next to nginx alone.
 */
export async function benchForwardAuth(): Promise<void> {
  if (!isInstalled('wrk') || !isInstalled('nginx')) {
    process.stdout.write(
      '\nforward-auth: skipped, because wrk or nginx is not installed (.ci/install-real-parts installs them)\n',
    );
    return;
  }
  const processes = await startBenchProcesses();
  try {
    const { nginx, front, sidecar, tokens, folder } = processes;
    const load = createWrk(folder, tokens);
    const start = async () => ({
      always204: await front('node:http 204'),
      crossfade: await sidecar({ mode: 'forward-auth' }),
      nginxAlone: await nginx({ server: 'location / { return 204; }' }),
    });
    await contend({
      title: 'Forward-auth, the endpoint alone: cached tokens, judged and counted',
      load,
      async launch() {
        const { always204, crossfade, nginxAlone } = await start();
        return [
          { name: 'node:http 204, nothing else', url: always204.url, pids: [always204.pid] },
          { name: 'crossfade forward-auth', url: crossfade.url, pids: [crossfade.pid] },
          { name: 'nginx return 204', url: nginxAlone.url, pids: [nginxAlone.pid] },
        ];
      },
    });

    const api = await nginx({ server: `location / { default_type application/json; return 200 '{"orders":[]}'; }` });
    const keepAlive = 'proxy_http_version 1.1; proxy_set_header Connection "";';
    const upstreams = (auth: string) =>
      `upstream api { server ${hostOf(api.url)}; keepalive 64; } upstream auth { server ${auth}; keepalive 64; }`;
    const asking = (auth: string) =>
      nginx({
        http: upstreams(auth),
        server: `location / { auth_request /_auth; proxy_pass http://api; ${keepAlive} }
                 location = /_auth { internal; proxy_pass http://auth; ${keepAlive} proxy_pass_request_body off;
                                     proxy_set_header Content-Length ""; }`,
      });
    let launches = 0;
    await contend({
      title: 'nginx in front of an API (nginx), asking about each request; CPU of nginx and of the server it asks',
      load,
      async launch() {
        launches += 1;
        const { always204, crossfade, nginxAlone } = await start();
        const socket = join(folder, `crossfade-${launches}.sock`);
        const overSocket = await sidecar({ mode: 'forward-auth', listen: `unix:${socket}` });
        const plain = await nginx({
          http: upstreams(hostOf(api.url)),
          server: `location / { proxy_pass http://api; ${keepAlive} }`,
        });
        const askingNginx = await asking(hostOf(nginxAlone.url));
        const asking204 = await asking(hostOf(always204.url));
        const askingCrossfade = await asking(hostOf(crossfade.url));
        const askingSocket = await asking(`unix:${socket}`);
        return [
          { name: 'nginx proxy_pass, without asking', url: plain.url, pids: [plain.pid] },
          { name: 'asking nginx return 204', url: askingNginx.url, pids: [askingNginx.pid, nginxAlone.pid] },
          { name: 'asking node:http 204', url: asking204.url, pids: [asking204.pid, always204.pid] },
          { name: 'asking crossfade', url: askingCrossfade.url, pids: [askingCrossfade.pid, crossfade.pid] },
          {
            name: 'asking crossfade over a Unix socket',
            url: askingSocket.url,
            pids: [askingSocket.pid, overSocket.pid],
          },
        ];
      },
    });
  } finally {
    await processes.end();
  }
}

function hostOf(url: string): string {
  return new URL(url).host;
}
