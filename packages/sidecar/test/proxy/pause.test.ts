import { expect, test } from 'vitest';
import { sendRequest } from '../fixture/http.ts';
import { BOTH_PATHS, startTestbed } from '../fixture/testbed.ts';

const TIMEOUT_MS = 300;

test.each(BOTH_PATHS)(
  'a response that arrived while the process was paused is in time, %s',
  async (_name, settings) => {
    const testbed = await startTestbed({ ...settings, responseTimeoutMs: TIMEOUT_MS });
    testbed.upstream.respond = (_request, response) => {
      response.end('hello');
      // The kernel has the response; nothing runs, as in a process that was stopped, until every timer is due.
      const endMs = performance.now() + 3 * TIMEOUT_MS;
      while (performance.now() < endMs);
    };
    const { status, body } = await sendRequest(testbed.sidecar.dataUrl);
    await testbed.close();
    expect([status, body]).toEqual([200, 'hello']);
  },
);
