import { createServer } from 'node:http';
import { errors } from 'undici';
import { expect, test } from 'vitest';
import { createExchange } from '../../src/proxy/exchange.ts';
import { sendRequest } from '../fixture/http.ts';
import { listenOnLoopback } from '../fixture/listening.ts';

const NO_TIMEOUT = { start() {}, stop() {} };

test.each([
  [new errors.HeadersTimeoutError(), 504],
  [new errors.ConnectTimeoutError(), 504],
  [Object.assign(new Error('slow'), { code: 'ETIMEDOUT' }), 504],
  [Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), 502],
  [new errors.SocketError('other side closed'), 502],
  [new errors.HTTPParserError('bad response'), 502],
  [new errors.InvalidArgumentError('invalid header'), 400],
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
    createExchange({ response, observation, closing: () => false, body: null, idleTimeout: NO_TIMEOUT }).onError?.(
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
      body: null,
      idleTimeout: NO_TIMEOUT,
    });
    exchange.onHeaders?.(200, [], () => {}, 'Gr\u0000n\u2603');
    exchange.onComplete?.([]);
  });
  const { url, close } = await listenOnLoopback(server);
  expect((await sendRequest(url)).status).toBe(200);
  await close();
});
