import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { BAD_TARGET, problemOf, sendProblem } from '../../src/http/problem.ts';
import { sendRequest } from '../fixture/http.ts';
import { listenOnLoopback } from '../fixture/listening.ts';

test('a problem is written once, as problem details', async () => {
  const server = createServer((_request, response) => {
    sendProblem(response, problemOf(new Error('connect ECONNREFUSED')));
    sendProblem(response, BAD_TARGET);
  });
  const { url, close } = await listenOnLoopback(server);
  const response = await sendRequest(url);
  expect(response).toMatchObject({
    status: 502,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  });
  expect(JSON.parse(response.body)).toEqual({
    type: 'about:blank',
    title: 'Bad Gateway',
    status: 502,
    detail: 'The API cannot be reached, or broke off.',
  });
  await close();
});
