import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { waitFor } from './wait-for.ts';

export interface SidecarAddresses {
  /** `host:port` of the data port. */
  readonly listen: string;
  /** `host:port` of the admin port. */
  readonly admin: string;
  /** Base URL of the API instance behind it. */
  readonly upstream: string;
}

/** A real `crossfade-sidecar`, in a process of its own. */
export interface SidecarProcess {
  readonly dataUrl: string;
  readonly adminUrl: string;
  /** Its process id, which changes at a restart; `undefined` once it has stopped. */
  pid(): number | undefined;
  /** Stops it with SIGTERM, as an orchestrator would, and starts a new one. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL('../bin/crossfade-sidecar.js', import.meta.resolve('@crossfade/sidecar')));
/** A busy machine takes its time; a sidecar that fails exits, and is not waited for. */
const START_TIMEOUT_MS = 60_000;

/** Starts a sidecar with the plan at `planPath` and waits until it is ready. Its environment holds only its addresses. */
export async function startSidecarProcess(planPath: string, addresses: SidecarAddresses): Promise<SidecarProcess> {
  const { listen, admin, upstream } = addresses;
  const adminUrl = `http://${admin}`;
  const env = {
    CROSSFADE_SIDECAR_LISTEN: listen,
    CROSSFADE_SIDECAR_ADMIN: admin,
    CROSSFADE_SIDECAR_UPSTREAM: upstream,
  };

  const start = async (): Promise<ChildProcess> => {
    const child = spawn(process.execPath, [PROGRAM, '--config', planPath], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
    let stderrTail = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderrTail = `${stderrTail}${text}`.slice(-2000);
    });
    try {
      await waitFor('a sidecar to be ready', START_TIMEOUT_MS, async () => {
        if (hasEnded(child)) throw new Error(`a sidecar exited: ${stderrTail.trim() || 'no output on stderr'}`);
        return isReady(adminUrl);
      });
    } catch (error) {
      kill();
      throw error;
    }
    return child;
  };
  const stop = async (child: ChildProcess): Promise<void> => {
    if (hasEnded(child)) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };

  let running = await start();
  return {
    dataUrl: `http://${listen}`,
    adminUrl,
    pid: () => (hasEnded(running) ? undefined : running.pid),
    async restart() {
      await stop(running);
      running = await start();
    },
    stop: () => stop(running),
  };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function isReady(adminUrl: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(`${adminUrl}/readyz`);
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}
