import { join } from 'node:path';
import { deployedCopy } from './deployed-copy.ts';
import { listens } from './listens.ts';
import { loopbackPort } from './loopback-port.ts';
import { startProgram } from './program.ts';
import { type Ended, execute } from './real-part.ts';

/** An nginx with one of the configurations that ship. */
export interface NginxProgram {
  readonly url: string;
  /** What `nginx -t` says of the configuration. */
  check(): Ended;
  remove(): Promise<void>;
}

/** @param places from the addresses in `deploy/nginx` to those here. */
export async function startNginx(file: string, places: Readonly<Record<string, string>>): Promise<NginxProgram> {
  const port = await loopbackPort();
  const copy = deployedCopy('nginx', { ...places, '127.0.0.1:8000': `127.0.0.1:${port}` });
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
