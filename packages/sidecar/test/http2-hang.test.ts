import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test, vi } from 'vitest';
import { startTestbed, type Testbed } from './fixture/testbed.ts';

const SOON = { timeout: 10_000 };

const API = `require('node:http2').createServer((request, response) => response.end('hello'))
  .listen(0, '127.0.0.1', function () { console.log(this.address().port) })`;

let api: ReturnType<typeof spawn>;
let testbed: Testbed;
afterEach(async () => {
  api.kill('SIGKILL');
  await testbed.close();
});

test('an API that hangs gives 504, and serves again once it goes on', async () => {
  api = spawn(process.execPath, ['-e', API], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(api.stdout as NonNullable<typeof api.stdout>, 'data')) as [Buffer];
  const upstream = `http://127.0.0.1:${String(port).trim()}`;
  testbed = await startTestbed({ upstream, upstreamProtocol: 'h2', responseTimeoutMs: 500 });
  const ask = async () => (await fetch(testbed.sidecar.dataUrl)).status;
  expect(await ask()).toBe(200);
  api.kill('SIGSTOP');
  // On the connection that was open, then on a new one, which the kernel accepts.
  expect(await ask()).toBe(504);
  expect(await Promise.all([ask(), ask()])).toEqual([504, 504]);
  api.kill('SIGCONT');
  await vi.waitFor(async () => expect(await ask()).toBe(200), { timeout: 5_000 });
  await vi.waitFor(
    async () => expect((await testbed.status()).audiences.none.rejected).toBeGreaterThanOrEqual(3),
    SOON,
  );
});
