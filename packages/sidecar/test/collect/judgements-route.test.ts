import fastify from 'fastify';
import { afterEach, expect, test } from 'vitest';
import type { BatchResult } from '../../src/collect/collector.ts';
import { addJudgementsRoute } from '../../src/collect/judgements-route.ts';
import { batchText } from '../fixture/batch.ts';

const app = { close: async () => {} };
afterEach(() => app.close());

async function post(result: BatchResult, change: { headers?: Record<string, string>; payload?: string } = {}) {
  const server = fastify();
  app.close = () => server.close();
  addJudgementsRoute(server, { receive: () => result });
  const response = await server.inject({
    method: 'POST',
    url: '/judgements',
    headers: { 'content-type': 'application/x-ndjson', ...change.headers },
    payload: change.payload ?? batchText({}),
  });
  return { status: response.statusCode, type: response.headers['content-type'], body: response.json(), response };
}

test.each([
  ['counted', false],
  ['duplicate', true],
] as const)('responds with the result of a batch that was %s', async (result, duplicate) => {
  const { status, body } = await post({ result, sequence: 7, judgements: 12 });
  expect([status, body]).toEqual([200, { sequence: 7, counted: 12, duplicate }]);
});

test('names the line and the field that are invalid', async () => {
  const problem = { line: 3, field: 'reason', message: 'must be known' };
  const { status, type, body } = await post({ result: 'refused', problem });
  expect([status, type]).toEqual([400, 'application/problem+json']);
  expect(body).toMatchObject({ status: 400, line: 3, field: 'reason', detail: 'line 3: reason must be known' });
});

test('responds 503 with Retry-After while nothing can be counted', async () => {
  const { status, response } = await post({ result: 'unavailable' });
  expect([status, response.headers['retry-after']]).toEqual([503, '5']);
});

test.each([
  ['JSON', { headers: { 'content-type': 'application/json' } }, 415, 'application/x-ndjson'],
  ['text, which a web page could send', { headers: { 'content-type': 'text/plain' } }, 415, 'application/x-ndjson'],
  ['a request from a web page', { headers: { origin: 'https://evil.example' } }, 403, 'a web page'],
  ['too large a batch', { payload: 'x'.repeat(4_194_305) }, 413, '4194304 bytes'],
])('rejects %s', async (_name, change, expected, detail) => {
  const { status, type, body } = await post({ result: 'counted', sequence: 1, judgements: 0 }, change);
  expect([status, type]).toEqual([expected, 'application/problem+json']);
  expect(body.detail).toContain(detail);
});
