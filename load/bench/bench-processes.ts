import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { AUDIENCES, type BenchIssuer, createBenchIssuer } from './bench-issuer.ts';

/** A server started for a benchmark. */
export interface BenchServer {
  readonly url: string;
  readonly pid: number;
}

/** The contents of an nginx's `http` block and of its one `server` block. */
export interface NginxParts {
  readonly http?: string;
  readonly server: string;
}

export interface SidecarProgram {
  /** The folder of a built clone of this repository; default: this one. */
  readonly clone?: string | undefined;
  /** `NODE_OPTIONS`; default: none. */
  readonly nodeOptions?: string;
  /** What its plan has besides, or otherwise. */
  readonly plan?: Readonly<Record<string, unknown>>;
}

/** A sidecar, and the path of its plan. */
export interface BenchSidecar extends BenchServer {
  readonly plan: string;
}

/** The processes of one benchmark, and the folder of their files. */
export interface BenchProcesses {
  readonly folder: string;
  /** Access tokens that the sidecars accept. */
  readonly tokens: readonly string[];
  /** Starts an nginx with one worker. */
  nginx(parts: NginxParts): Promise<BenchServer>;
  front(kind: string, upstream?: string): Promise<BenchServer>;
  sidecar(settings: Readonly<Record<string, string>>, program?: SidecarProgram): Promise<BenchSidecar>;
  /** Ends some of the processes. */
  stop(pids: readonly number[]): Promise<void>;
  end(): Promise<void>;
}

const SIDECAR = fileURLToPath(new URL('../bin/crossfade-sidecar.js', import.meta.resolve('@crossfade/sidecar')));
const SIDECAR_IN_CLONE = join('packages', 'sidecar', 'bin', 'crossfade-sidecar.js');
const TOKENS = 16;
/** Started by root, nginx would switch to a user that may not use the sockets here. */
const OWN_USER = process.getuid?.() === 0 ? 'user root;' : '';

export async function startBenchProcesses(): Promise<BenchProcesses> {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-bench-'));
  const issuer = await createBenchIssuer('RS256');
  const keys = await serveKeys(issuer);
  const children: ChildProcess[] = [];
  const track = (child: ChildProcess): number => {
    children.push(child);
    return child.pid ?? 0;
  };
  process.once('exit', () => {
    for (const child of children) child.kill('SIGKILL');
  });
  const mint = (_: unknown, n: number) =>
    issuer.mint({ issuer: keys.url, subject: `auth0|${n}`, audience: AUDIENCES[n % AUDIENCES.length] ?? AUDIENCES[0] });

  return {
    folder,
    tokens: await Promise.all(Array.from({ length: TOKENS }, mint)),

    async nginx({ http = '', server }) {
      const port = await freePort();
      const path = join(folder, `nginx-${port}.conf`);
      writeFileSync(
        path,
        `${OWN_USER} worker_processes 1; daemon off; pid ${path}.pid; error_log stderr error; events {}
         http { access_log off; keepalive_requests 10000000; ${http} server { listen 127.0.0.1:${port}; ${server} } }`,
      );
      const args = ['-p', folder, '-c', path, '-e', 'stderr'];
      const pid = track(spawn('nginx', args, { stdio: ['ignore', 'ignore', 'inherit'] }));
      const url = `http://127.0.0.1:${port}`;
      await waitForResponse(url);
      return { url, pid };
    },

    async front(kind, upstream = '') {
      const child = fork(join(import.meta.dirname, 'front-server.js'), [kind, upstream]);
      const pid = track(child);
      const [{ url }] = await once(child, 'message');
      return { url, pid };
    },

    async sidecar(settings, { clone, nodeOptions = '', plan: more = {} } = {}) {
      const name = `sidecar-${children.length}`;
      const [plan, flags] = [join(folder, `${name}.json`), join(folder, `${name}-flags.json`)];
      const side = { issuer: keys.url, tokenLifetime: '1d' };
      writeFileSync(flags, '{}');
      writeFileSync(
        plan,
        JSON.stringify({
          version: 1,
          clients: [],
          migration: 'bench',
          legacy: { ...side, audience: AUDIENCES[0], sessionLifetime: '0s' },
          target: { ...side, audience: AUDIENCES[1] },
          flags: { source: 'file', path: flags },
          sidecar: { service: 'bench', listen: '127.0.0.1:0', admin: '127.0.0.1:0', ...settings },
          ...more,
        }),
      );
      const program = clone === undefined ? SIDECAR : join(clone, SIDECAR_IN_CLONE);
      const child = spawn(process.execPath, [program, '--config', plan], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, NODE_OPTIONS: nodeOptions },
      });
      const pid = track(child);
      return { url: await listeningUrl(child), pid, plan };
    },

    stop: (pids) => stop(children.filter(({ pid }) => pid !== undefined && pids.includes(pid))),

    async end() {
      await stop(children);
      keys.server.closeAllConnections();
      keys.server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function stop(children: readonly ChildProcess[]): Promise<void> {
  const running = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  const ended = running.map((child) => once(child, 'exit'));
  for (const child of running) child.kill();
  await Promise.all(ended);
}

async function serveKeys({ jwks }: BenchIssuer): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const isKeys = request.url === '/jwks';
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(isKeys ? jwks : { issuer: url, jwks_uri: `${url}/jwks` }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  return { url, server };
}

/** Resolves to the URL in a sidecar's `listening` line. Later log output is read, as a container's log is, and dropped. */
function listeningUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.once('exit', () => reject(new Error(`the sidecar exited before it listened: ${output}`)));
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output = `${output}${text}`.slice(-10_000);
      const url = /"event":"listening","data":"([^"]+)"/.exec(output)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
}

/** Finds a port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

async function waitForResponse(url: string): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  for (;;) {
    try {
      await fetch(url);
      return;
    } catch (error) {
      if (performance.now() > deadlineMs) throw error;
      await delay(20);
    }
  }
}
