import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchJson } from '../../src/http/fetch-json.ts';
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

    await expect(get('/slow', AbortSignal.timeout(20))).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
