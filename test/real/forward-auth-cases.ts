import { expect } from 'vitest';
import { type Issuer, LEGACY, startIssuer, TARGET } from './issuer.ts';
import { identityIn, type RecordingApi, startRecordingApi } from './recording-api.ts';
import { type SidecarProgram, startSidecarProgram } from './sidecar-program.ts';

/** An API, and a sidecar that a proxy asks about each request; the test adds the proxy. */
export interface ForwardAuthFixture {
  readonly issuer: Issuer;
  readonly api: RecordingApi;
  readonly sidecar: SidecarProgram;
  remove(): Promise<void>;
}

export async function startForwardAuthFixture(): Promise<ForwardAuthFixture> {
  const [issuer, api] = await Promise.all([startIssuer(), startRecordingApi()]);
  const sidecar = await startSidecarProgram({
    issuer: issuer.url,
    mode: 'forward-auth',
    target: { requiredScope: ['orders:read'] },
  });
  return {
    issuer,
    api,
    sidecar,
    async remove() {
      await sidecar.remove();
      await Promise.all([issuer.close(), api.close()]);
    },
  };
}

/** Headers of an attacker that claims an identity. */
const SPOOFED = {
  'crossfade-audience': 'target',
  'crossfade-subject': 'mallory',
  'crossfade-client': 'mallory',
  'crossfade-scope': 'admin',
  crossfade_subject: 'mallory',
};

/** A proxy in front of the API of a fixture. */
export interface Proxy {
  readonly url: string;
  readonly fixture: ForwardAuthFixture;
}

/** Sends a request as a client does. */
function send({ url }: Proxy, headers: Record<string, string>, body?: string): Promise<Response> {
  return fetch(`${url}/orders?page=2`, { headers, ...(body === undefined ? {} : { method: 'POST', body }) });
}

async function bearer(token: Promise<string>): Promise<{ authorization: string }> {
  return { authorization: `Bearer ${await token}` };
}

/** Expects that a token of either audience is accepted, and that the API gets the identity from the sidecar only. */
async function expectAccepted(proxy: Proxy): Promise<void> {
  const { issuer, api } = proxy.fixture;
  for (const [audience, name] of [
    [LEGACY, 'legacy'],
    [TARGET, 'target'],
  ] as const) {
    const authorization = await bearer(issuer.mint(audience));
    const response = await send(proxy, { ...SPOOFED, ...authorization }, 'a body');
    expect(await response.text()).toBe('{"orders":[]}');
    expect(response.status).toBe(200);
    const seen = api.seen.at(-1);
    expect(seen).toMatchObject({ method: 'POST', url: '/orders?page=2', body: 'a body', headers: authorization });
    expect(seen && identityIn(seen)).toEqual({
      'crossfade-audience': name,
      'crossfade-subject': 'alice',
      'crossfade-client': 'web-app',
      'crossfade-scope': 'openid orders:read',
    });
  }
}

/** Expects that a client cannot set the identity that its token lacks. */
async function expectNoSpoofing(proxy: Proxy): Promise<void> {
  const { issuer, api } = proxy.fixture;
  const anonymous = issuer.mint(LEGACY, { sub: undefined, client_id: undefined, scope: undefined });
  const response = await send(proxy, { ...SPOOFED, ...(await bearer(anonymous)) });
  expect(response.status).toBe(200);
  const seen = api.seen.at(-1);
  expect(seen && identityIn(seen)).toEqual({ 'crossfade-audience': 'legacy' });
}

/** Expects that rejected requests get a response by RFC 6750 from the proxy, and do not reach the API. */
async function expectRejected(proxy: Proxy): Promise<void> {
  const { issuer, api } = proxy.fixture;
  const reached = api.seen.length;
  const [withoutToken, forged, withoutScope] = await Promise.all([
    send(proxy, SPOOFED),
    send(proxy, await bearer(issuer.forge(LEGACY))),
    send(proxy, await bearer(issuer.mint(TARGET, { scope: 'openid' })), 'a body'),
  ]);
  expect(withoutToken.status).toBe(401);
  expect(withoutToken.headers.get('www-authenticate')).toBe('Bearer');
  expect(forged.status).toBe(401);
  expect(forged.headers.get('www-authenticate')).toContain('error="invalid_token"');
  expect(withoutScope.status).toBe(403);
  expect(withoutScope.headers.get('www-authenticate')).toMatch(/error="insufficient_scope".* scope="orders:read"/);
  for (const response of [withoutToken, forged, withoutScope]) {
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ status: response.status });
  }
  expect(api.seen).toHaveLength(reached);
}

/** Expects 503 with `Retry-After` while no token can be judged: never 401, which would log users out. */
export async function expectFailClosed(proxy: Proxy): Promise<void> {
  const { issuer, api } = proxy.fixture;
  const reached = api.seen.length;
  const response = await send(proxy, await bearer(issuer.mint(TARGET)));
  expect(response.status).toBe(503);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await response.json()).toMatchObject({ status: 503 });
  expect(api.seen).toHaveLength(reached);
}

/** Expects that requests reach the API complete, but without an identity, while no token can be judged. */
export async function expectFailOpen(proxy: Proxy): Promise<void> {
  const { issuer, api } = proxy.fixture;
  const authorization = await bearer(issuer.mint(TARGET));
  const response = await send(proxy, { ...SPOOFED, ...authorization }, 'a body');
  expect(response.status).toBe(200);
  const seen = api.seen.at(-1);
  expect(seen).toMatchObject({ method: 'POST', url: '/orders?page=2', body: 'a body', headers: authorization });
  expect(seen && identityIn(seen)).toEqual({});
}

/** Expects which requests are accepted, which are rejected, and the counts of the sidecar: the same behind every proxy. */
export async function expectJudgements(proxy: Proxy): Promise<void> {
  await expectAccepted(proxy);
  await expectNoSpoofing(proxy);
  await expectRejected(proxy);
  const { audiences } = await proxy.fixture.sidecar.status();
  expect(audiences).toMatchObject({
    legacy: { accepted: 2, rejected: 0 },
    target: { accepted: 1, rejected: 1 },
    invalid: { rejected: 1 },
    none: { rejected: 1 },
  });
}

/** Expects a failure mode of the proxy while the issuer is down, and then while the sidecar is down. */
export async function expectWhileUnavailable(proxy: Proxy, expectFailure: typeof expectFailOpen): Promise<void> {
  const { issuer, sidecar } = proxy.fixture;
  await issuer.close();
  await expectFailure(proxy);
  await sidecar.stop('SIGKILL');
  await expectFailure(proxy);
}
