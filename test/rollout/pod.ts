import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { PodManifest } from './pod-manifest.ts';

const SIDECAR = resolve(import.meta.dirname, '../../packages/sidecar/bin/crossfade-sidecar.js');
const run = promisify(execFile);

/** An API that works for some time on each request, and exits at SIGTERM at once, whatever it was doing. */
const API = `
const server = require('node:http').createServer((request, response) => {
  request.resume().on('end', () => setTimeout(() => response.end('{"orders":[]}'), 5 + Math.random() * 20));
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
process.on('SIGTERM', () => process.exit(0));
`;

/** A pod with an API and its sidecar, each in a process of its own. */
export interface Pod {
  /** Of the sidecar's data port, which the Service sends connections to. */
  readonly port: number;
  isReady(): Promise<boolean>;
  /** Ends it as the kubelet does. Resolves when both processes have exited, with what had to be killed. */
  terminate(): Promise<readonly string[]>;
  /** Kills what still runs. */
  remove(): Promise<void>;
}

/** Starts the sidecar first and then the API, as the kubelet starts a native sidecar. */
export async function startPod(manifest: PodManifest): Promise<Pod> {
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-pod-'));
  const plan = join(folder, 'crossfade.yaml');
  await Promise.all([writeFile(plan, manifest.plan), writeFile(join(folder, 'flags.json'), '{}')]);
  const api = spawn(process.execPath, ['-e', API], { stdio: ['ignore', 'pipe', 'inherit'] });
  const { port: apiPort } = await lineWith('port', api);
  const env = {
    PATH: process.env['PATH'],
    CROSSFADE_SIDECAR_LISTEN: '127.0.0.1:0',
    CROSSFADE_SIDECAR_ADMIN: '127.0.0.1:0',
    CROSSFADE_SIDECAR_METRICS: '127.0.0.1:0',
    CROSSFADE_SIDECAR_UPSTREAM: `http://127.0.0.1:${apiPort}`,
    CROSSFADE_SIDECAR_DRAIN_DELAY: `${manifest.drainDelayMs / 1000}s`,
    CROSSFADE_SIDECAR_DRAIN_TIMEOUT: `${manifest.drainTimeoutMs / 1000}s`,
    CROSSFADE_FLAGS_SOURCE: 'file',
    CROSSFADE_FLAGS_PATH: join(folder, 'flags.json'),
  };
  const sidecar = spawn(process.execPath, [SIDECAR, '--config', plan], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const { data, metrics } = await lineWith('metrics', sidecar);
  return {
    port: Number(new URL(String(data)).port),
    isReady: async () => (await fetch(`${metrics}/readyz`)).ok,
    terminate: () => terminate({ api, sidecar }, manifest),
    async remove() {
      for (const child of [api, sidecar]) child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Waits for the first line of JSON that has this field. */
function lineWith(field: string, child: ChildProcess): Promise<Record<string, unknown>> {
  const { stdout } = child;
  if (stdout === null) throw new Error('stdout is a pipe');
  return new Promise((resolve, reject) => {
    createInterface(stdout).on('line', (text) => {
      const line = JSON.parse(text) as Record<string, unknown>;
      if (field in line) resolve(line);
    });
    child.once('exit', (code) => reject(new Error(`the process ended with ${code} before it listened`)));
  });
}

/**
 * The kubelet's order (`killContainer` of kuberuntime, Kubernetes 1.29 to 1.34): both preStop hooks at once, SIGTERM to the
 * API after its own, SIGTERM to the native sidecar after its own hook and the end of the API, SIGKILL after the grace period.
 */
async function terminate(
  { api, sidecar }: { readonly api: ChildProcess; readonly sidecar: ChildProcess },
  { apiPreStopMs, sidecarPreStop, graceMs }: PodManifest,
): Promise<readonly string[]> {
  const killed: string[] = [];
  const grace = setTimeout(() => {
    for (const [name, child] of Object.entries({ api, sidecar })) {
      if (!hasExited(child)) killed.push(name);
      child.kill('SIGKILL');
    }
  }, graceMs);
  const apiEnd = (async () => {
    await sleep(apiPreStopMs);
    await stop(api);
  })();
  const sidecarEnd = (async () => {
    await runHook(sidecarPreStop, sidecar);
    await apiEnd;
    await stop(sidecar);
  })();
  await Promise.all([apiEnd, sidecarEnd]);
  clearTimeout(grace);
  return killed;
}

/** Runs the hook's own command. In its container the sidecar is process 1; here it has another id. */
async function runHook(command: readonly string[] | undefined, { pid }: ChildProcess): Promise<void> {
  const [program, ...args] = (command ?? []).map((word) => word.replace(/^(kill -TERM) 1$/, `$1 ${pid}`));
  if (program !== undefined) await run(program, args);
}

async function stop(child: ChildProcess): Promise<void> {
  if (hasExited(child)) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

function hasExited({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
