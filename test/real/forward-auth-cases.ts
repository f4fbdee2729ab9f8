import { expect } from 'vitest';
import { type Issuer, LEGACY, startIssuer, TARGET } from './issuer.ts';
import { identityIn, type RecordingApi, startRecordingApi } from './recording-api.ts';
import { type SidecarProgram, startSidecarProgram } from './sidecar-program.ts';

/** An API, and a sidecar that a proxy asks about each request; the proxy is the test's. */
export interface ForwardAuthHouse {
  readonly issuer: Issuer;
  readonly api: RecordingApi;
  readonly sidecar: SidecarProgram;
  remove(): Promise<void>;
}

export async function openForwardAuthHouse(): Promise<ForwardAuthHouse> {
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

/** What every attacker tries: to tell the API who they are. */
const SPOOFED = {
  'crossfade-audience': 'target',
  'crossfade-subject': 'mallory',
  'crossfade-client': 'mallory',
  'crossfade-scope': 'admin',
  crossfade_subject: 'mallory',
};

export interface FrontDoor {
  readonly url: string;
  readonly house: ForwardAuthHouse;
}

/** Requests as a client makes them. */
function ask({ url }: FrontDoor, headers: Record<string, string>, body?: string): Promise<Response> {
  return fetch(`${url}/orders?page=2`, { headers, ...(body === undefined ? {} : { method: 'POST', body }) });
}

async function bearer(token: Promise<string>): Promise<{ authorization: string }> {
  return { authorization: `Bearer ${await token}` };
}

/** A token of either audience gets in; the API learns who it is from the sidecar, and from nobody else. */
async function expectAllowed(door: FrontDoor): Promise<void> {
  const { issuer, api } = door.house;
  for (const [audience, name] of [
    [LEGACY, 'legacy'],
    [TARGET, 'target'],
  ] as const) {
    const authorization = await bearer(issuer.mint(audience));
    const answer = await ask(door, { ...SPOOFED, ...authorization }, 'a body');
    expect(await answer.text()).toBe('{"orders":[]}');
    expect(answer.status).toBe(200);
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

/** Where a token does not say who it is, neither does the client. */
async function expectNoSpoofedRest(door: FrontDoor): Promise<void> {
  const { issuer, api } = door.house;
  const silent = issuer.mint(LEGACY, { sub: undefined, client_id: undefined, scope: undefined });
  const answer = await ask(door, { ...SPOOFED, ...(await bearer(silent)) });
  expect(answer.status).toBe(200);
  const seen = api.seen.at(-1);
  expect(seen && identityIn(seen)).toEqual({ 'crossfade-audience': 'legacy' });
}

/** Who is refused is told so as RFC 6750 has it, by the proxy, and does not reach the API. */
async function expectDenied(door: FrontDoor): Promise<void> {
  const { issuer, api } = door.house;
  const reached = api.seen.length;
  const [none, forged, narrow] = await Promise.all([
    ask(door, SPOOFED),
    ask(door, await bearer(issuer.forge(LEGACY))),
    ask(door, await bearer(issuer.mint(TARGET, { scope: 'openid' })), 'a body'),
  ]);
  expect(none.status).toBe(401);
  expect(none.headers.get('www-authenticate')).toBe('Bearer');
  expect(forged.status).toBe(401);
  expect(forged.headers.get('www-authenticate')).toContain('error="invalid_token"');
  expect(narrow.status).toBe(403);
  expect(narrow.headers.get('www-authenticate')).toMatch(/error="insufficient_scope".* scope="orders:read"/);
  for (const answer of [none, forged, narrow]) {
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ status: answer.status });
  }
  expect(api.seen).toHaveLength(reached);
}

/** While nobody can judge, a door that fails closed says 503 and when to come back: never 401, which would log users out. */
export async function expectClosed(door: FrontDoor): Promise<void> {
  const { issuer, api } = door.house;
  const reached = api.seen.length;
  const answer = await ask(door, await bearer(issuer.mint(TARGET)));
  expect(answer.status).toBe(503);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(await answer.json()).toMatchObject({ status: 503 });
  expect(api.seen).toHaveLength(reached);
}

/** While nobody can judge, a door that fails open lets requests through whole, without an identity. */
export async function expectOpen(door: FrontDoor): Promise<void> {
  const { issuer, api } = door.house;
  const authorization = await bearer(issuer.mint(TARGET));
  const answer = await ask(door, { ...SPOOFED, ...authorization }, 'a body');
  expect(answer.status).toBe(200);
  const seen = api.seen.at(-1);
  expect(seen).toMatchObject({ method: 'POST', url: '/orders?page=2', body: 'a body', headers: authorization });
  expect(seen && identityIn(seen)).toEqual({});
}

/** Who gets in, who does not, and what the sidecar counts of it: the same behind every proxy. */
export async function expectVerdicts(door: FrontDoor): Promise<void> {
  await expectAllowed(door);
  await expectNoSpoofedRest(door);
  await expectDenied(door);
  const { audiences } = await door.house.sidecar.status();
  expect(audiences).toMatchObject({
    legacy: { accepted: 2, rejected: 0 },
    target: { accepted: 1, rejected: 1 },
    invalid: { rejected: 1 },
    none: { rejected: 1 },
  });
}

/** What the door does while the issuer has no keys for the sidecar, and then while there is no sidecar. */
export async function expectWhileBlind(door: FrontDoor, otherwise: typeof expectOpen): Promise<void> {
  const { issuer, sidecar } = door.house;
  await issuer.close();
  await otherwise(door);
  await sidecar.stop('SIGKILL');
  await otherwise(door);
}
