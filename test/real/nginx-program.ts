import { join } from 'node:path';
import { deployedCopy } from './deployed-copy.ts';
import { listens } from './listens.ts';
import { loopbackPort } from './loopback-port.ts';
import { startProgram } from './program.ts';
import { type Exit, execute } from './real-part.ts';

/** An nginx with one of the shipped configurations. */
export interface NginxProgram {
  readonly url: string;
  /** Checks the configuration with `nginx -t`. */
  check(): Exit;
  remove(): Promise<void>;
}

/** @param addresses from those in `deploy/nginx` to those of the test. */
export async function startNginx(file: string, addresses: Readonly<Record<string, string>>): Promise<NginxProgram> {
  const port = await loopbackPort();
  const copy = deployedCopy('nginx', { ...addresses, '127.0.0.1:8000': `127.0.0.1:${port}` });
  const own = `pid ${copy.folder}/nginx.pid; error_log stderr;`;
  const args = ['-p', copy.folder, '-c', join(copy.folder, file), '-e', 'stderr'];
  try {
    const program = await startProgram('nginx', [...args, '-g', `daemon off; ${own}`], {
      cwd: copy.folder,
      ready: () => listens(port),
    });
    return {
      url: `http://127.0.0.1:${port}`,
      check: () => execute('nginx', [...args, '-g', own, '-t'], copy.folder),
      async remove() {
        await program.stop();
        copy.remove();
      },
    };
  } catch (error) {
    copy.remove();
    throw error;
  }
}
