import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { BAD_GATEWAY, BAD_REQUEST, send } from '../../src/http/problem.ts';
import { ask } from '../fixture/http.ts';
import { listenOnLoopback } from '../fixture/listening.ts';

test('is written once, as problem details', async () => {
  const server = createServer((_request, response) => {
    send(response, BAD_GATEWAY);
    send(response, BAD_REQUEST);
  });
  const { url, close } = await listenOnLoopback(server);
  const answer = await ask(url);
  expect(answer).toMatchObject({
    status: 502,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  });
  expect(JSON.parse(answer.body)).toEqual({
    type: 'about:blank',
    title: 'Bad Gateway',
    status: 502,
    detail: 'The API can not be reached, or broke off.',
  });
  await close();
});
