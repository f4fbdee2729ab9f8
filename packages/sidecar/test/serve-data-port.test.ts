import { afterEach, expect, test, vi } from 'vitest';
import { readSimpleRequest } from '../src/fast-path/simple-request.ts';
import { sendRequest } from './fixture/http.ts';
import { startTestbed, type Testbed } from './fixture/testbed.ts';

vi.mock(import('../src/fast-path/simple-request.ts'), { spy: true });

let testbed: Testbed;
afterEach(async () => {
  await testbed.close();
  vi.clearAllMocks();
});

test.each([
  ['proxy', undefined, 3],
  ['proxy', true, 3],
  ['proxy', false, 0],
  ['forward-auth', undefined, 3],
  ['forward-auth', false, 0],
] as const)('in mode %s with fastPath: %s, the fast path reads %d of 3 requests', async (mode, fastPath, count) => {
  testbed = await startTestbed({ mode, ...(fastPath !== undefined && { fastPath }) });
  for (const method of ['GET', 'POST', 'HEAD']) {
    const { status } = await sendRequest(testbed.sidecar.dataUrl, { method, headers: { 'content-length': '0' } });
    expect(status).toBe(mode === 'proxy' ? 200 : 401);
  }
  expect(readSimpleRequest).toHaveBeenCalledTimes(count);
  await vi.waitFor(async () => expect((await testbed.status()).audiences.none.rejected).toBe(3));
});
