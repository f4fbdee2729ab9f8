import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DeployedCopy, deployedCopy } from './deployed-copy.ts';
import {
  expectAllowed,
  expectClosed,
  expectDenied,
  expectNoSpoofedRest,
  expectOpen,
  type ForwardAuthHouse,
  openForwardAuthHouse,
} from './forward-auth-cases.ts';
import { listens } from './listens.ts';
import { loopbackPort } from './loopback-port.ts';
import { type Program, startProgram } from './program.ts';
import { execute, missing } from './real-part.ts';

describe.skipIf(missing('nginx')).each([
  { file: 'crossfade-fail-closed.conf', otherwise: expectClosed },
  { file: 'crossfade-fail-open.conf', otherwise: expectOpen },
])('nginx with $file', ({ file, otherwise }) => {
  let house: ForwardAuthHouse;
  let copy: DeployedCopy;
  let nginx: Program;
  let url: string;

  beforeEach(async () => {
    house = await openForwardAuthHouse();
    const port = await loopbackPort();
    url = `http://127.0.0.1:${port}`;
    copy = deployedCopy('nginx', {
      '127.0.0.1:8000': `127.0.0.1:${port}`,
      '127.0.0.1:8080': `127.0.0.1:${house.sidecar.port}`,
      '127.0.0.1:3000': `127.0.0.1:${house.api.port}`,
    });
    nginx = await startNginx(join(copy.folder, file), copy.folder, port);
  });
  afterEach(async () => {
    await nginx?.stop('SIGQUIT');
    copy?.remove();
    await house?.remove();
  });

  it('lets in who the sidecar lets in, tells the API who it is, and refuses the others', async () => {
    const door = { url, house };
    expect(execute('nginx', ['-t', '-p', copy.folder, '-c', join(copy.folder, file)], copy.folder).code).toBe(0);
    await expectAllowed(door);
    await expectNoSpoofedRest(door);
    await expectDenied(door);
    const { audiences } = await house.sidecar.status();
    expect(audiences).toMatchObject({
      legacy: { accepted: 2, rejected: 0 },
      target: { accepted: 1, rejected: 1 },
      invalid: { rejected: 1 },
      none: { rejected: 1 },
    });
  });

  it('does as its name says while the issuer has no keys for the sidecar, and while there is no sidecar', async () => {
    const door = { url, house };
    await house.issuer.close();
    await otherwise(door);
    await house.sidecar.stop('SIGKILL');
    await otherwise(door);
  });
});

function startNginx(config: string, folder: string, port: number): Promise<Program> {
  const settings = `daemon off; pid ${folder}/nginx.pid; error_log stderr;`;
  return startProgram('nginx', ['-p', folder, '-c', config, '-e', 'stderr', '-g', settings], {
    cwd: folder,
    ready: () => listens(port),
  });
}
