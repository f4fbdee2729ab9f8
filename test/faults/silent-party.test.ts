import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Output, run } from '@crossfade/cli';
import { type BrowserLogin, createBrowserLogin, createTokenSource, type LoginSession } from '@crossfade/client';
import { UnavailableError } from '@crossfade/core';
import { createAgentSource } from '@crossfade/flags/agent';
import { createAppConfigSource } from '@crossfade/flags/appconfig';
import { createSelector } from '@crossfade/selector';
import { createValidator, type SideOptions, type ValidatorOptions } from '@crossfade/validator';
import { createPhantomTokenExchange, createTokenExchange } from '@crossfade/validator/exchange';
import { openRedisDenylist } from '@crossfade/validator/redis';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepCollectingGarbage, type Silence, startSilentParty } from './silent-party.ts';

/** The timeout of keys and of the CLI is 5 s, and no setting. */
const BOUND_MS = 8_000;
const PLACE = { application: 'orders', environment: 'production', profile: 'crossfade' };
const CLIENT = { clientId: 'orders-api', clientSecret: 'a secret of more than 32 characters', timeoutMs: 500 };
const AUDIENCE = 'default-api';
const REDIRECT_URI = 'https://app.example.com/callback';

const encode = (json: unknown) => Buffer.from(JSON.stringify(json)).toString('base64url');

/** Its signature does not matter: the keys never come. */
function jwtOf(issuer: string): string {
  const claims = { iss: issuer, aud: AUDIENCE, exp: 4_000_000_000 };
  return `${encode({ alg: 'ES256', typ: 'at+jwt', kid: 'a' })}.${encode(claims)}.${'A'.repeat(86)}`;
}

async function judge(
  side: Partial<SideOptions>,
  token: string,
  more: Partial<ValidatorOptions> = {},
): Promise<unknown> {
  const legacy = { issuer: 'https://idp.example.com', audience: AUDIENCE, ...side } as SideOptions;
  const validator = createValidator({ clients: [], legacy, ...more });
  return validator.judge(token).finally(() => validator.close());
}

/** What waits on another party, by name: each rejects when that party is silent. */
const WAITING: Readonly<Record<string, (port: number) => Promise<unknown>>> = {
  'the metadata of an issuer': (port) =>
    judge({ issuer: `http://127.0.0.1:${port}` }, jwtOf(`http://127.0.0.1:${port}`)),
  'a key set': (port) =>
    judge(
      { keys: { url: new URL(`http://127.0.0.1:${port}/jwks`), allowHttp: true } },
      jwtOf('https://idp.example.com'),
    ),
  'a key set over TLS': (port) =>
    judge({ keys: new URL(`https://127.0.0.1:${port}/jwks`) }, jwtOf('https://idp.example.com')),
  introspection: (port) =>
    judge({ introspection: { endpoint: new URL(`http://127.0.0.1:${port}`), ...CLIENT } }, 'an-opaque-token'),
  'the metadata that names an introspection endpoint': (port) =>
    judge({ issuer: `http://127.0.0.1:${port}`, introspection: CLIENT }, 'an-opaque-token'),
  'a token exchange': (port) =>
    judge({}, 'an-opaque-token', {
      exchange: createTokenExchange({ endpoint: new URL(`http://127.0.0.1:${port}`), ...CLIENT }),
    }),
  'a phantom token': (port) =>
    judge({}, 'an-opaque-token', {
      exchange: createPhantomTokenExchange({ issuer: `http://127.0.0.1:${port}`, ...CLIENT }),
    }),
  'a denylist in Redis': async (port) => {
    const denylist = openRedisDenylist(createClient, { url: `redis://127.0.0.1:${port}`, by: 'jti' });
    return denylist.connected().finally(() => denylist.close());
  },
  'a token from a provider': (port) =>
    createTokenSource({ issuer: `http://127.0.0.1:${port}`, ...CLIENT, selector: selector() }).token(),
  'a login': (port) =>
    createBrowserLogin({
      issuer: `http://127.0.0.1:${port}`,
      ...CLIENT,
      redirectUri: REDIRECT_URI,
      selector: selector(),
    }).start(),
  'a callback': (port) =>
    withMetadata(port, async (login) => {
      const { pending } = await login.start();
      return login.finish(new URL(`${REDIRECT_URI}?code=c&state=${pending.state}`), pending);
    }),
  'a refresh': (port) => withMetadata(port, (login, issuer) => login.refresh(sessionAt(issuer))),
  'the keys of a logout token': (port) =>
    withMetadata(port, (login, issuer) =>
      login.logoutToken(
        `${encode({ alg: 'RS256' })}.${encode({ iss: issuer, aud: CLIENT.clientId })}.${'A'.repeat(342)}`,
      ),
    ),
};

/** A login whose provider responds with its metadata, and names endpoints of the silent party. */
async function withMetadata(port: number, use: (login: BrowserLogin, issuer: string) => Promise<unknown>) {
  const server = createServer((_, response) => {
    const at = (path: string) => `http://127.0.0.1:${port}/${path}`;
    const endpoints = { authorization_endpoint: at('auth'), token_endpoint: at('token'), jwks_uri: at('jwks') };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ issuer, ...endpoints }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const login = createBrowserLogin({ issuer, ...CLIENT, redirectUri: REDIRECT_URI, selector: selector() });
  return use(login, issuer).finally(() => server.close());
}

function sessionAt(issuer: string): LoginSession {
  const asked = { side: 'legacy' } as const;
  const token = { accessToken: 't', requestedAt: 0, expiresAt: 0, scope: '', asked, side: 'unknown', revision: null };
  return {
    issuer,
    selection: { ...asked, reason: 'disabled', revision: null },
    token,
    refreshToken: 'r',
  } as LoginSession;
}

function selector() {
  const issuance = () => ({ enabled: false, percent: 0, revision: null, sinceMs: null });
  return createSelector({ legacy: { scope: 'openid' }, target: { scope: 'orders' }, salt: 'orders-2026', issuance });
}

const FLAG_SOURCES = {
  'an AppConfig Agent': (url: string) => createAgentSource({ ...PLACE, url, timeoutMs: 500 }),
  'the data plane of AppConfig': (endpoint: string) => createAppConfigSource({ ...PLACE, endpoint, timeoutMs: 500 }),
};

beforeAll(keepCollectingGarbage);

describe.each<Silence>(['before the head', 'in the body'])(
  'while garbage is collected, a party silent %s',
  (silence) => {
    let party: Awaited<ReturnType<typeof startSilentParty>>;
    let folder: string;
    beforeAll(async () => {
      party = await startSilentParty(silence);
      folder = await mkdtemp(join(tmpdir(), 'silent-'));
    });
    afterAll(async () => {
      party.close();
      await rm(folder, { recursive: true });
    });

    it.concurrent.each(Object.entries(WAITING))('ends the wait for %s in time', async (_name, wait) => {
      const startMs = performance.now();
      await expect(wait(party.port)).rejects.toBeInstanceOf(UnavailableError);
      expect(performance.now() - startMs).toBeLessThan(BOUND_MS);
    });

    it.concurrent.each(Object.entries(FLAG_SOURCES))('ends a poll of %s in time', async (_name, open) => {
      const startMs = performance.now();
      const source = open(`http://127.0.0.1:${party.port}`);
      await source.firstPoll;
      expect(source.snapshot().problem).toMatch(/respond|time/);
      expect(performance.now() - startMs).toBeLessThan(BOUND_MS);
      source.close();
    });

    it.concurrent('ends a command of the CLI in time', async () => {
      await writeFile(join(folder, 'flags.json'), '{}');
      const side = { issuer: 'https://idp.example.com' };
      const plan = {
        version: 1,
        migration: 'orders-2026',
        clients: [],
        legacy: { ...side, audience: AUDIENCE },
        target: { ...side, audience: 'https://api.example.com/orders' },
        flags: { source: 'file', path: './flags.json' },
        gate: { sidecars: [`http://127.0.0.1:${party.port}`] },
      };
      await writeFile(join(folder, 'crossfade.yaml'), JSON.stringify(plan));
      const [stdout, stderr] = [outputOf(), outputOf()];
      // A verb is loaded when it first runs.
      await run(['status', '--config', 'none.yaml'], { cwd: folder, env: {}, stdout, stderr });
      const startMs = performance.now();
      await run(['status'], { cwd: folder, env: {}, stdout, stderr });
      expect(stdout.text() + stderr.text()).toContain('did not respond within 5s');
      expect(performance.now() - startMs).toBeLessThan(BOUND_MS);
    });
  },
);

function outputOf(): Output & { text(): string } {
  let all = '';
  return {
    write(text) {
      all += text;
    },
    text: () => all,
  };
}
