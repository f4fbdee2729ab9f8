import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { LEGACY, TARGET } from './issuer.ts';
import { loopbackPort } from './loopback-port.ts';
import { type Program, startProgram } from './program.ts';

const ENTRY = resolve(import.meta.dirname, '../../packages/sidecar/bin/crossfade-sidecar.js');

export interface SidecarSettings {
  readonly issuer: string;
  readonly mode: 'proxy' | 'forward-auth';
  readonly upstream?: string;
  /** Merged into the plan. */
  readonly plan?: Readonly<Record<string, unknown>>;
  readonly target?: Readonly<Record<string, unknown>>;
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** The sidecar program with a plan file and a flag file. A restart keeps its ports. */
export interface SidecarProgram {
  readonly port: number;
  readonly adminPort: number;
  readonly adminUrl: string;
  /** The plan file, for the CLI. */
  readonly planPath: string;
  setFlags(flags: Readonly<Record<string, unknown>>): void;
  status(): Promise<SidecarCounts>;
  start(): Promise<void>;
  /** Sends `signal` and waits for the exit. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Kills it, and removes its files. */
  remove(): Promise<void>;
}

export interface SidecarCounts {
  readonly audiences: Readonly<Record<string, { readonly accepted: number; readonly rejected: number }>>;
  readonly unavailable: number;
  readonly validUnauthorized: number;
}

export async function startSidecarProgram(settings: SidecarSettings): Promise<SidecarProgram> {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-sidecar-'));
  const [port, adminPort] = [await loopbackPort(), await loopbackPort()];
  const [planPath, flagsPath] = [join(folder, 'crossfade.yaml'), join(folder, 'flags.json')];
  const adminUrl = `http://127.0.0.1:${adminPort}`;
  writeFileSync(planPath, JSON.stringify(planOf(settings, { port, adminPort, flagsPath })));
  let program: Program | undefined;
  const sidecar: SidecarProgram = {
    port,
    adminPort,
    adminUrl,
    planPath,
    setFlags: (flags) => writeFileSync(flagsPath, JSON.stringify(flags)),
    status: async () => (await (await fetch(`${adminUrl}/status`)).json()) as SidecarCounts,
    async start() {
      program = await startProgram(process.execPath, [ENTRY, '--config', planPath], {
        cwd: folder,
        env: settings.env ?? {},
        ready: async () => (await fetch(`${adminUrl}/readyz`)).ok,
      });
    },
    stop: async (signal) => program?.stop(signal),
    async remove() {
      await program?.stop('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
  sidecar.setFlags(settings.flags ?? {});
  await sidecar.start();
  return sidecar;
}

function planOf(
  { issuer, mode, upstream, plan, target }: SidecarSettings,
  { port, adminPort, flagsPath }: { readonly port: number; readonly adminPort: number; readonly flagsPath: string },
) {
  return {
    version: 1,
    migration: 'orders-2026',
    legacy: { issuer, audience: LEGACY, tokenLifetime: '1h', sessionLifetime: '0s' },
    target: { issuer, audience: TARGET, tokenLifetime: '1h', ...target },
    flags: { source: 'file', path: flagsPath },
    ...plan,
    sidecar: {
      service: 'orders-api',
      mode,
      listen: `127.0.0.1:${port}`,
      admin: `127.0.0.1:${adminPort}`,
      ...(upstream === undefined ? {} : { upstream }),
    },
  };
}
