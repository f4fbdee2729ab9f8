import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { createExchange } from '../../src/proxy/exchange.ts';
import { sendRequest } from '../fixture/http.ts';
import { listenOnLoopback } from '../fixture/listening.ts';

const NO_TIMEOUT = { start() {}, stop() {} };
const HEALTH = { isFailing: false, failed() {}, responded() {} };

test.each([
  [Object.assign(new Error('slow'), { code: 'ETIMEDOUT' }), 504],
  [Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), 502],
  [Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }), 502],
  [Object.assign(new Error('bad response'), { code: 'HPE_INVALID_CONSTANT' }), 502],
  [Object.assign(new Error('bad path'), { code: 'ERR_UNESCAPED_CHARACTERS' }), 400],
])('%s becomes %i, is counted, and shows nothing of the error', async (error, status) => {
  let settled = 0;
  const observation = {
    settle: () => {
      settled += 1;
    },
    responded: () => {},
    ended: () => {},
  };
  const server = createServer((_request, response) => {
    createExchange({ response, observation, closing: () => false, idleTimeout: NO_TIMEOUT, health: HEALTH }).onError(
      error,
    );
  });
  const { url, close } = await listenOnLoopback(server);
  const response = await sendRequest(url);
  expect(response.status).toBe(status);
  expect(response.body).not.toContain(error.message);
  expect(settled).toBe(1);
  await close();
});

test('an invalid reason phrase is left out, and the response is forwarded', async () => {
  const server = createServer((_request, response) => {
    const exchange = createExchange({
      response,
      observation: { settle() {}, responded() {}, ended() {} },
      closing: () => false,
      idleTimeout: NO_TIMEOUT,
      health: HEALTH,
    });
    exchange.onResponse({ status: 200, statusText: 'Gr\u0000n\u2603', rawHeaders: [] }, () => {});
    exchange.onComplete([]);
  });
  const { url, close } = await listenOnLoopback(server);
  expect((await sendRequest(url)).status).toBe(200);
  await close();
});
