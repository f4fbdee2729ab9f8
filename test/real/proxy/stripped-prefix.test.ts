import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createValidator } from '@crossfade/validator';
import { crossfade as expressGuard } from '@crossfade/validator/express';
import { crossfade as fastifyGuard } from '@crossfade/validator/fastify';
import express from 'express';
import fastify from 'fastify';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Issuer, LEGACY, startIssuer } from '../fixture/issuer.ts';
import { listens } from '../fixture/listens.ts';
import { loopbackPort } from '../fixture/loopback-port.ts';
import { type Program, startProgram } from '../fixture/program.ts';
import { missing } from '../fixture/real-part.ts';
import { startRecordingApi } from '../fixture/recording-api.ts';
import { startSidecarProgram } from '../fixture/sidecar-program.ts';
import { createIdentity } from '../fixture/tls-proxies.ts';

/** What judges the token behind the proxy. */
interface Guard {
  readonly port: number;
  close(): Promise<unknown>;
}

interface Place {
  readonly issuer: string;
  /** The URL of the proxy, with the path that it strips. */
  readonly publicUrl: string;
}

const validatorOf = (issuer: string) => createValidator({ legacy: { issuer, audience: LEGACY }, clients: [] });

async function startFastify({ issuer }: Place, options: object, guardOptions: object): Promise<Guard> {
  const app = fastify(options);
  await app.register(fastifyGuard, { validator: validatorOf(issuer), ...guardOptions });
  app.all('*', async () => 'ok');
  const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  return { port: Number(url.port), close: () => app.close() };
}

async function startExpress({ issuer }: Place): Promise<Guard> {
  const app = express();
  app.set('trust proxy', 'loopback');
  app.use(expressGuard({ validator: validatorOf(issuer) }), (_request, response) => void response.send('ok'));
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => new Promise((resolve) => server.close(resolve).closeAllConnections());
  return { port: (server.address() as AddressInfo).port, close };
}

async function startSidecar({ issuer }: Place, settings: object): Promise<Guard> {
  const api = await startRecordingApi();
  const sidecar = { judge: 'enforce', ...settings };
  const { port, remove } = await startSidecarProgram({ issuer, mode: 'proxy', upstream: api.url, sidecar });
  return { port, close: () => Promise.all([remove(), api.close()]) };
}

const GUARDS: Readonly<Record<string, (place: Place) => Promise<Guard>>> = {
  'Fastify that trusts the proxy': (place) => startFastify(place, { trustProxy: '127.0.0.1' }, {}),
  'Fastify with a public URL': (place) => startFastify(place, {}, { publicUrl: place.publicUrl }),
  'Express that trusts the proxy': startExpress,
  'a sidecar that trusts the proxy': (place) => startSidecar(place, { trustedProxies: ['127.0.0.1'] }),
  'a sidecar with a public URL': (place) => startSidecar(place, { publicUrl: place.publicUrl }),
};

describe.skipIf(missing('nginx') || missing('openssl')).each(Object.entries(GUARDS))(
  'a DPoP token behind an nginx that ends TLS and strips a path, for %s,',
  (_, startGuard) => {
    let folder: string;
    let issuer: Issuer;
    let guard: Guard;
    let nginx: Program;
    let publicUrl: string;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'crossfade-prefix-'));
      createIdentity(folder, 'server', '/CN=localhost');
      issuer = await startIssuer();
      const port = await loopbackPort();
      publicUrl = `https://127.0.0.1:${port}/shop`;
      guard = await startGuard({ issuer: issuer.url, publicUrl });
      writeFileSync(join(folder, 'nginx.conf'), nginxConfig(folder, port, guard.port));
      const args = ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr', '-g', 'daemon off;'];
      nginx = await startProgram('nginx', args, { cwd: folder, ready: () => listens(port) });
    });
    afterAll(async () => {
      await nginx?.stop();
      await guard?.close();
      await issuer?.close();
      rmSync(folder, { recursive: true });
    });

    it('is accepted with a proof for the URL of the client, and no other', async () => {
      const { privateKey, publicKey } = await generateKeyPair('ES256');
      const jwk = await exportJWK(publicKey);
      const token = await issuer.mint(LEGACY, { cnf: { jkt: await calculateJwkThumbprint(jwk) } });
      const ath = createHash('sha256').update(token).digest('base64url');
      const status = async (htu: string, path: string, more: Readonly<Record<string, string>> = {}) => {
        const dpop = await new SignJWT({ jti: crypto.randomUUID(), htm: 'GET', htu, ath })
          .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
          .setIssuedAt()
          .sign(privateKey);
        return statusOf(`${publicUrl}${path}`, { authorization: `DPoP ${token}`, dpop, ...more });
      };
      const spoofed = { 'x-forwarded-host': 'evil.example.com', 'x-forwarded-prefix': '/evil', forwarded: 'host=evil' };

      expect(await status(`${publicUrl}/orders/a%20b`, '/orders/a%20b?page=1')).toBe(200);
      expect(await status(`${publicUrl}/`, '/')).toBe(200);
      expect(await status(`${publicUrl}/orders`, '/orders', { 'x-forwarded-host': 'evil.example.com' })).toBe(200);
      expect(await status(`http://127.0.0.1:${guard.port}/orders`, '/orders')).toBe(401);
      expect(await status(`${new URL(publicUrl).origin}/orders`, '/orders')).toBe(401);
      expect(await status('https://evil.example.com/evil/orders', '/orders', spoofed)).toBe(401);
    });
  },
);

async function statusOf(url: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const sent = request(url, { headers, rejectUnauthorized: false, agent: false }).end();
  const [response] = await once(sent, 'response');
  response.resume();
  return response.statusCode;
}

function nginxConfig(folder: string, port: number, apiPort: number): string {
  return `
pid nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate server.crt;
    ssl_certificate_key server.key;
    location /shop/ {
      proxy_pass http://127.0.0.1:${apiPort}/;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Prefix /shop;
    }
  }
}
`;
}
