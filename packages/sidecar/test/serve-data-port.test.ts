import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { sendRequest } from './fixture/http.ts';
import type { Testbed } from './fixture/testbed.ts';

// Test files share their modules, so the sidecar is imported once more, with a parser that counts.
vi.resetModules();
vi.doMock(import('../src/fast-path/simple-request.ts'), { spy: true });
const { readSimpleRequest } = await import('../src/fast-path/simple-request.ts');
const { startTestbed } = await import('./fixture/testbed.ts');

let testbed: Testbed;
afterEach(async () => {
  await testbed.close();
  vi.clearAllMocks();
});
afterAll(() => {
  vi.doUnmock('../src/fast-path/simple-request.ts');
  vi.resetModules();
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
