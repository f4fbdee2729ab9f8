import { once } from 'node:events';
import { connect, type IncomingHttpHeaders, type IncomingHttpStatusHeader } from 'node:http2';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DeployedCopy, deployedCopy } from '../fixture/deployed-copy.ts';
import {
  expectDpop,
  expectFailClosed,
  expectFailOpen,
  expectJudgements,
  expectWhileUnavailable,
  type ForwardAuthFixture,
  startForwardAuthFixture,
} from '../fixture/forward-auth-cases.ts';
import { listens } from '../fixture/listens.ts';
import { loopbackPort } from '../fixture/loopback-port.ts';
import { type Program, startProgram } from '../fixture/program.ts';
import { execute, missing } from '../fixture/real-part.ts';
import { expectJudgedAtAnySize, expectNoLimits, expectPreflights } from '../fixture/traffic-cases.ts';

describe.skipIf(missing('envoy')).each([
  { file: 'crossfade-fail-closed.yaml', expectFailure: expectFailClosed },
  { file: 'crossfade-fail-open.yaml', expectFailure: expectFailOpen },
])('Envoy with $file', ({ file, expectFailure }) => {
  let fixture: ForwardAuthFixture;
  let copy: DeployedCopy;
  let envoy: Program;
  let url: string;

  beforeEach(async () => {
    fixture = await startForwardAuthFixture();
    const port = await loopbackPort();
    url = `http://127.0.0.1:${port}`;
    copy = deployedCopy('envoy', {
      'port_value: 8000': `port_value: ${port}`,
      'port_value: 8080': `port_value: ${fixture.sidecar.port}`,
      'port_value: 3000': `port_value: ${fixture.api.port}`,
    });
    envoy = await startEnvoy(join(copy.folder, file), copy.folder, port);
  });
  afterEach(async () => {
    await envoy?.stop();
    copy?.remove();
    await fixture?.remove();
  });

  it('forwards accepted requests to the API with the identity from the sidecar, and rejects the others', async () => {
    expect(execute('envoy', ['--mode', 'validate', '-c', join(copy.folder, file)], copy.folder).code).toBe(0);
    await expectJudgements({ url, fixture });
  });

  it('lets a DPoP token through with a proof for the request, and for no other that a client names', async () => {
    await expectDpop({ url, fixture });
  });

  it('lets preflights through, and nothing that a client makes look like one', async () => {
    await expectPreflights({ url: url, ...fixture }, fixture.sidecar);
  });

  it('sees the body of an OPTIONS over HTTP/2, which no header announces', async () => {
    const client = connect(url);
    const asking = { origin: 'https://app.example.com', 'access-control-request-method': 'POST' };
    const statuses: (number | undefined)[] = [];
    for (const body of [undefined, 'a body']) {
      const stream = client.request({ ':method': 'OPTIONS', ...asking }, { endStream: body === undefined }).resume();
      if (body !== undefined) stream.end(body);
      const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders & IncomingHttpStatusHeader];
      statuses.push(headers[':status']);
    }
    client.destroy();
    expect(statuses).toEqual([204, 401]);
  });

  it('limits neither bodies nor time nor header sections, and lets WebSockets through', async () => {
    await expectNoLimits({ url: url, ...fixture });
  }, 60_000);

  it('lets no request past the sidecar because of its size', async () => {
    await expectJudgedAtAnySize({ url: url, ...fixture });
  });

  it('fails as its name says while the issuer is down, and while the sidecar is down', async () => {
    await expectWhileUnavailable({ url, fixture }, expectFailure);
  });
});

function startEnvoy(config: string, folder: string, port: number): Promise<Program> {
  // A dynamic base id, because several Envoys may run at once.
  const args = ['-c', config, '--use-dynamic-base-id', '--concurrency', '1', '--log-level', 'warn'];
  return startProgram('envoy', args, { cwd: folder, ready: () => listens(port) });
}
