import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchJson } from '../../src/http/fetch-json.ts';
import { startIssuer, type TestIssuer } from '../issuer.ts';

let issuer: TestIssuer;
const patient = new AbortController().signal;

beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());

function get(path: string, signal = patient): Promise<unknown> {
  return fetchJson(new URL(path, issuer.url), signal);
}

describe('fetchJson', () => {
  test('reads JSON, however long it takes to arrive', async () => {
    const json = { text: 'é'.repeat(100_000) };
    issuer.responses.set('/json', { json });

    expect(await get('/json')).toEqual(json);
  });

  test.each([
    ['an error', { status: 503, body: '{}' }, 'answered 503'],
    ['a redirect', { status: 302, body: '{}' }, 'answered 302'],
    ['HTML', { status: 200, body: '<html>' }, 'did not answer with JSON'],
    ['nothing', { status: 200 }, 'did not answer with JSON'],
    ['too much', { status: 200, body: `"${'x'.repeat(1_048_576)}"` }, 'more than 1048576 bytes'],
  ])('refuses %s', async (_, answer, message) => {
    issuer.responses.set('/spoilt', answer);

    await expect(get('/spoilt')).rejects.toThrow(message);
  });

  test('ends when its time is over', async () => {
    issuer.responses.set('/slow', 'hang');

    await expect(get('/slow', AbortSignal.timeout(20))).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
