import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createValidator } from '@crossfade/validator';
import { crossfade } from '@crossfade/validator/fastify';
import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Issuer, LEGACY, startIssuer } from '../fixture/issuer.ts';
import { loopbackPort } from '../fixture/loopback-port.ts';
import type { Program } from '../fixture/program.ts';
import { missing } from '../fixture/real-part.ts';
import { startRecordingApi } from '../fixture/recording-api.ts';
import { startSidecarProgram } from '../fixture/sidecar-program.ts';
import { createIdentity, type Identity, TLS_PROXIES, type TlsProxy } from '../fixture/tls-proxies.ts';

/** What checks the token behind the proxy. */
interface Guard {
  readonly port: number;
  close(): Promise<void>;
}

type StartGuard = (issuer: string, header: TlsProxy['header']) => Promise<Guard>;

const GUARDS: Readonly<Record<string, StartGuard>> = {
  'an API with an adapter': async (issuer, certificateHeader) => {
    const app = fastify();
    const validator = createValidator({ legacy: { issuer, audience: LEGACY }, clients: [] });
    await app.register(crossfade, { validator, certificateHeader });
    app.get('/orders', async () => 'orders');
    const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
    return { port: Number(url.port), close: () => app.close() };
  },
  'an enforcing sidecar': async (issuer, { name }) => {
    const api = await startRecordingApi();
    const settings = { judge: 'enforce', trustedProxies: ['127.0.0.1'], clientCertificateHeader: name };
    const sidecar = await startSidecarProgram({ issuer, mode: 'proxy', upstream: api.url, sidecar: settings });
    return {
      port: sidecar.port,
      async close() {
        await sidecar.remove();
        await api.close();
      },
    };
  },
};

const PAIRS = Object.entries(GUARDS).flatMap(([guard, startGuard]) =>
  Object.entries(TLS_PROXIES).map(([name, proxy]) => ({ guard, name, startGuard, proxy })),
);

describe.skipIf(missing('openssl')).each(PAIRS)('a certificate-bound token for $guard behind $name', (pair) => {
  const { startGuard, proxy } = pair;
  const isMissing = missing(proxy.program);
  let folder: string;
  let [owner, thief, forger]: Identity[] = [];
  let token: string;
  let issuer: Issuer;
  let guard: Guard;
  let running: Program | undefined;
  let port: number;

  beforeAll(async () => {
    if (isMissing) return;
    folder = mkdtempSync(join(tmpdir(), 'crossfade-mtls-'));
    createIdentity(folder, 'server', '/CN=localhost');
    owner = createIdentity(folder, 'owner', '/CN=owner');
    thief = createIdentity(folder, 'thief', '/CN=thief');
    // A self-signed certificate can contain any name.
    const victim = owner.digest.toString('hex');
    const names = ['-addext', `subjectAltName=URI:spiffe://a;Hash=${victim}`];
    forger = createIdentity(folder, 'forger', '/O=a, "b";Hash=00/CN=forger', ...names);

    issuer = await startIssuer();
    token = await issuer.mint(LEGACY, { cnf: { 'x5t#S256': owner.digest.toString('base64url') } });
    guard = await startGuard(issuer.url, proxy.header);
    port = await loopbackPort();
    running = await proxy.start({ folder, port, apiPort: guard.port });
  });
  afterAll(async () => {
    await running?.stop();
    await guard?.close();
    await issuer?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  async function requestStatus(identity: Identity | undefined, forged?: string): Promise<number> {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(forged === undefined ? {} : { [proxy.header.name]: forged }),
    };
    const options = { host: '127.0.0.1', port, path: '/orders', rejectUnauthorized: false, agent: false, headers };
    return new Promise((resolve, reject) => {
      request({ ...options, ...(identity && { key: identity.key, cert: identity.cert }) }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0));
      })
        .once('error', reject)
        .end();
    });
  }

  it.skipIf(isMissing)('is accepted from the client with the key of the certificate only', async () => {
    if (owner === undefined) throw new Error('beforeAll creates the identities');
    const forged = proxy.forged(owner);

    expect(await requestStatus(owner)).toBe(200);
    expect([await requestStatus(undefined), await requestStatus(thief), await requestStatus(forger)]).toEqual([
      401, 401, 401,
    ]);
    expect([
      await requestStatus(undefined, forged),
      await requestStatus(thief, forged),
      await requestStatus(forger, forged),
    ]).toEqual([401, 401, 401]);
    expect(await requestStatus(owner)).toBe(200);
  });
});
