import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createValidator, type KeySnapshot, type SideOptions, type ValidatorOptions } from '../src/index.ts';
import { createSigningKey, startIssuer, type TestIssuer } from './issuer.ts';

const NOW_MS = 1_800_000_000_000;
const HOUR_MS = 3_600_000;
const INTROSPECTION = { clientId: 'orders-api', clientSecret: 'a secret of more than 32 characters' };
const ENDPOINT = new URL('https://gateway.example.com/introspect');
const key = await createSigningKey({ kid: 'a' });

let legacyIssuer: TestIssuer;
let targetIssuer: TestIssuer;
beforeEach(async () => {
  [legacyIssuer, targetIssuer] = await Promise.all([startIssuer(key), startIssuer(key)]);
});
afterEach(() => Promise.all([legacyIssuer.close(), targetIssuer.close()]));

function validator(options: Partial<ValidatorOptions> = {}, target: Partial<SideOptions> = {}) {
  return createValidator({
    clients: [],
    legacy: { issuer: legacyIssuer.url, audience: 'default-api' },
    target: { issuer: targetIssuer.url, audience: 'https://api.example.com/orders', ...target } as SideOptions,
    now: () => NOW_MS,
    ...options,
  });
}

async function missingAfterLoad(judging: ReturnType<typeof validator>) {
  await judging.loadKeys();
  return Object.fromEntries(judging.keys().map(({ side, missing }) => [side, missing]));
}

describe('loadKeys', () => {
  test('fetches the keys of both issuers, and no token is needed', async () => {
    const judging = validator();
    expect(judging.keys().map(({ missing }) => missing)).toEqual([
      `${legacyIssuer.url} was not asked yet`,
      `${targetIssuer.url} was not asked yet`,
    ]);

    expect(await missingAfterLoad(judging)).toEqual({ legacy: undefined, target: undefined });
    await judging.loadKeys();
    expect(targetIssuer.requests).toEqual(['/.well-known/openid-configuration', '/jwks']);
  });

  test('says of the side that has none why, and heals', async () => {
    targetIssuer.responses.set('/jwks', { status: 503 });
    const judging = validator();
    expect(await missingAfterLoad(judging)).toEqual({ legacy: undefined, target: `${targetIssuer.url} answered 503` });

    targetIssuer.publish(key);
    expect(await missingAfterLoad(judging)).toEqual({ legacy: undefined, target: undefined });
  });

  test('names of a key URL only the server', async () => {
    const url = new URL(`${targetIssuer.url}/hidden?key=secret`);
    const judging = validator({}, { keys: { url, allowHttp: true } });

    expect(await missingAfterLoad(judging)).toMatchObject({ target: `${targetIssuer.url} answered 404` });
  });

  test('reads keys that were stored before, and keys of the options, without asking an issuer', async () => {
    const load = vi.fn(() => ({ jwks: { keys: [key.publicJwk] }, fetchedAtMs: NOW_MS - 1000 }));
    const judging = validator({ keyStore: { load, save() {} } }, { keys: { keys: [key.publicJwk] } });

    expect(await missingAfterLoad(judging)).toEqual({ legacy: undefined, target: undefined });
    expect(load).toHaveBeenCalledOnce();
    expect([...legacyIssuer.requests, ...targetIssuer.requests]).toEqual([]);
  });

  test('takes stored keys that are too old for none', async () => {
    legacyIssuer.responses.clear();
    const old = { jwks: { keys: [key.publicJwk] }, fetchedAtMs: NOW_MS - 24 * HOUR_MS };
    const judging = validator({ keyStore: { load: () => old, save() {} } });

    expect(await missingAfterLoad(judging)).toMatchObject({ legacy: `${legacyIssuer.url} answered 404` });
  });

  test('does not wait for a key store that hangs', async () => {
    const load = () => new Promise<KeySnapshot>(() => {});

    expect(await missingAfterLoad(validator({ keyStore: { load, save() {} } }))).toEqual({});
  });

  test('resolves after close, without a fetch', async () => {
    const judging = validator();
    judging.close();
    await judging.loadKeys();
    expect(legacyIssuer.requests).toEqual([]);
  });
});

describe('a side whose opaque tokens are introspected', () => {
  test('misses no keys where its issuer publishes none', async () => {
    const json = { issuer: targetIssuer.url, introspection_endpoint: `${targetIssuer.url}/introspect` };
    targetIssuer.responses.set('/.well-known/openid-configuration', { json });

    expect(await missingAfterLoad(validator({}, { introspection: INTROSPECTION }))).toEqual({});
  });

  test('misses them while its issuer, which has to name the endpoint, too, is down', async () => {
    targetIssuer.responses.set('/.well-known/openid-configuration', { status: 502 });

    expect(await missingAfterLoad(validator({}, { introspection: INTROSPECTION }))).toEqual({
      legacy: undefined,
      target: `${targetIssuer.url} answered 502`,
    });
  });

  test('misses none where the plan names the endpoint and no keys, as its issuer may be a name alone', async () => {
    targetIssuer.responses.set('/.well-known/openid-configuration', { status: 502 });
    const introspection = { ...INTROSPECTION, endpoint: ENDPOINT };

    expect(await missingAfterLoad(validator({}, { introspection }))).toEqual({});
  });

  test('misses keys that the plan names', async () => {
    targetIssuer.responses.set('/jwks', { status: 502 });
    const keys = { url: targetIssuer.jwksUrl, allowHttp: true } as const;
    const introspection = { ...INTROSPECTION, endpoint: ENDPOINT };

    expect(await missingAfterLoad(validator({}, { introspection, keys }))).toMatchObject({
      target: `${targetIssuer.url} answered 502`,
    });
  });
});
