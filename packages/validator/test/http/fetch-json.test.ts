import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchDocument, fetchJson } from '../../src/http/fetch-json.ts';
import { startIssuer, type TestIssuer } from '../issuer.ts';

let issuer: TestIssuer;
const noTimeout = new AbortController().signal;

beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());

function get(path: string, signal = noTimeout): Promise<unknown> {
  return fetchJson(new URL(path, issuer.url), signal);
}

describe('fetchJson', () => {
  test('reads JSON that arrives in several chunks', async () => {
    const json = { text: 'é'.repeat(100_000) };
    issuer.responses.set('/json', { json });

    expect(await get('/json')).toEqual(json);
  });

  test.each([
    ['an error', { status: 503, body: '{}' }, 'answered 503'],
    ['a redirect', { status: 302, body: '{}' }, 'answered 302'],
    ['HTML', { status: 200, body: '<html>' }, 'did not answer with JSON'],
    ['an empty body', { status: 200 }, 'did not answer with JSON'],
    ['a body over 1 MiB', { status: 200, body: `"${'x'.repeat(1_048_576)}"` }, 'more than 1048576 bytes'],
  ])('rejects %s', async (_, response, message) => {
    issuer.responses.set('/invalid', response);

    await expect(get('/invalid')).rejects.toThrow(message);
  });

  test('rejects when its signal is aborted', async () => {
    issuer.responses.set('/slow', 'hang');
    const ending = new AbortController();
    const fetching = get('/slow', ending.signal);
    ending.abort(new Error('ended'));

    await expect(fetching).rejects.toThrow('ended');
  });
});

describe('fetchDocument', () => {
  const document = (path: string, known?: Awaited<ReturnType<typeof fetchDocument>>) =>
    fetchDocument(new URL(path, issuer.url), noTimeout, known);

  test('returns the entity tag and how long the document stays fresh', async () => {
    issuer.responses.set('/tagged', { json: [1], headers: { etag: '"a"', 'cache-control': 'max-age=60' } });
    issuer.responses.set('/plain', { json: [2] });

    expect(await document('/tagged')).toEqual({ json: [1], etag: '"a"', freshForMs: 60_000 });
    expect(await document('/plain')).toEqual({ json: [2], etag: undefined, freshForMs: undefined });
  });

  test('returns the known document if the server says that it has not changed, and the new one if it has', async () => {
    issuer.responses.set('/tagged', { json: [1], headers: { etag: 'W/"a"', 'cache-control': 'max-age=60' } });
    const known = await document('/tagged');
    issuer.responses.set('/tagged', { json: 'not sent', headers: { etag: 'W/"a"', 'cache-control': 'no-cache' } });
    expect(await document('/tagged', known)).toEqual({ json: [1], etag: 'W/"a"', freshForMs: 0 });

    issuer.responses.set('/tagged', { json: [2], headers: { etag: 'W/"b"' } });
    expect(await document('/tagged', known)).toEqual({ json: [2], etag: 'W/"b"', freshForMs: undefined });
  });

  test('asks caches on the way to pass the request on', async () => {
    issuer.responses.set('/tagged', { json: [1], headers: { etag: '"a"' } });
    await document('/tagged', await document('/tagged'));

    expect(issuer.requestHeaders.slice(-2)).toEqual([
      expect.objectContaining({ 'cache-control': 'no-cache' }),
      expect.objectContaining({ 'cache-control': 'no-cache', 'if-none-match': '"a"' }),
    ]);
  });

  test('rejects 304 where no entity tag was sent', async () => {
    issuer.responses.set('/unasked', { status: 304 });

    await expect(document('/unasked')).rejects.toThrow('answered 304');
    await expect(document('/unasked', { json: [], etag: undefined, freshForMs: 0 })).rejects.toThrow('answered 304');
  });
});
