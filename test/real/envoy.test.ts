import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DeployedCopy, deployedCopy } from './deployed-copy.ts';
import {
  expectClosed,
  expectOpen,
  expectVerdicts,
  expectWhileBlind,
  type ForwardAuthHouse,
  openForwardAuthHouse,
} from './forward-auth-cases.ts';
import { listens } from './listens.ts';
import { loopbackPort } from './loopback-port.ts';
import { type Program, startProgram } from './program.ts';
import { execute, missing } from './real-part.ts';

describe.skipIf(missing('envoy')).each([
  { file: 'crossfade-fail-closed.yaml', otherwise: expectClosed },
  { file: 'crossfade-fail-open.yaml', otherwise: expectOpen },
])('Envoy with $file', ({ file, otherwise }) => {
  let house: ForwardAuthHouse;
  let copy: DeployedCopy;
  let envoy: Program;
  let url: string;

  beforeEach(async () => {
    house = await openForwardAuthHouse();
    const port = await loopbackPort();
    url = `http://127.0.0.1:${port}`;
    copy = deployedCopy('envoy', {
      'port_value: 8000': `port_value: ${port}`,
      'port_value: 8080': `port_value: ${house.sidecar.port}`,
      'port_value: 3000': `port_value: ${house.api.port}`,
    });
    envoy = await startEnvoy(join(copy.folder, file), copy.folder, port);
  });
  afterEach(async () => {
    await envoy?.stop();
    copy?.remove();
    await house?.remove();
  });

  it('lets in who the sidecar lets in, tells the API who it is, and refuses the others', async () => {
    expect(execute('envoy', ['--mode', 'validate', '-c', join(copy.folder, file)], copy.folder).code).toBe(0);
    await expectVerdicts({ url, house });
  });

  it('does as its name says while the issuer has no keys for the sidecar, and while there is no sidecar', async () => {
    await expectWhileBlind({ url, house }, otherwise);
  });
});

function startEnvoy(config: string, folder: string, port: number): Promise<Program> {
  // No base id: several Envoys may run here at once.
  const args = ['-c', config, '--use-dynamic-base-id', '--concurrency', '1', '--log-level', 'warn'];
  return startProgram('envoy', args, { cwd: folder, ready: () => listens(port) });
}
