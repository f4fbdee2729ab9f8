import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createValidator } from '@crossfade/validator';
import { crossfade } from '@crossfade/validator/fastify';
import fastify, { type FastifyInstance } from 'fastify';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listens } from './fixture/listens.ts';
import { loopbackPort } from './fixture/loopback-port.ts';
import { type Program, startProgram } from './fixture/program.ts';
import { execute, missing } from './fixture/real-part.ts';

const ISSUER = 'https://idp.example.com';

interface Identity {
  readonly key: string;
  readonly cert: string;
  /** SHA-256 of the certificate. */
  readonly digest: Buffer;
}

/** A proxy that terminates TLS, with any client certificate or none. */
interface Proxy {
  readonly program: string;
  readonly header: { readonly name: string; readonly format: 'nginx' | 'envoy' };
  start(settings: ProxySettings): Promise<Program>;
  /** Returns the header of an attacker that knows a certificate, which is public, but does not have its key. */
  forged(victim: Identity): string;
}

interface ProxySettings {
  readonly folder: string;
  readonly port: number;
  readonly apiPort: number;
}

const ENVOY_HEADER = { name: 'x-forwarded-client-cert', format: 'envoy' } as const;
const hashElement = ({ digest }: Identity) => `By=;Hash=${digest.toString('hex')};Subject="`;

const PROXIES: Readonly<Record<string, Proxy>> = {
  nginx: {
    program: 'nginx',
    header: { name: 'x-client-cert', format: 'nginx' },
    start({ folder, port, apiPort }) {
      writeFileSync(join(folder, 'nginx.conf'), nginxConfig(folder, port, apiPort));
      const args = ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr', '-g', 'daemon off;'];
      return startProgram('nginx', args, { cwd: folder, ready: () => listens(port) });
    },
    forged: ({ cert }) => encodeURIComponent(cert),
  },
  'Envoy that sets the header': {
    program: 'envoy',
    header: ENVOY_HEADER,
    start: (settings) => startEnvoy('SANITIZE_SET', settings),
    forged: hashElement,
  },
  'Envoy that appends to the header, a misconfiguration': {
    program: 'envoy',
    header: ENVOY_HEADER,
    start: (settings) => startEnvoy('APPEND_FORWARD', settings),
    forged: hashElement,
  },
};

describe.skipIf(missing('openssl')).each(Object.entries(PROXIES))('a certificate-bound token behind %s', (_, proxy) => {
  const isMissing = missing(proxy.program);
  let folder: string;
  let [owner, thief, forger]: Identity[] = [];
  let token: string;
  let app: FastifyInstance;
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

    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'a', alg: 'ES256' }] };
    token = await new SignJWT({ sub: 'u', client_id: 'c', cnf: { 'x5t#S256': owner.digest.toString('base64url') } })
      .setProtectedHeader({ alg: 'ES256', kid: 'a', typ: 'at+jwt' })
      .setIssuer(ISSUER)
      .setAudience('default-api')
      .setExpirationTime('10m')
      .sign(privateKey);
    app = fastify();
    const validator = createValidator({ clients: [], legacy: { issuer: ISSUER, audience: 'default-api', keys } });
    await app.register(crossfade, { validator, certificateHeader: proxy.header });
    app.get('/orders', async () => 'orders');
    const apiPort = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
    port = await loopbackPort();
    running = await proxy.start({ folder, port, apiPort });
  });
  afterAll(async () => {
    await running?.stop();
    await app?.close();
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

function createIdentity(folder: string, name: string, subject: string, ...more: string[]): Identity {
  const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`];
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const { code, output } = execute('openssl', [...args, ...files, '-subj', subject, ...more], folder);
  if (code !== 0) throw new Error(output);
  const cert = readFileSync(join(folder, `${name}.crt`), 'utf8');
  const digest = createHash('sha256').update(new X509Certificate(cert).raw).digest();
  return { key: readFileSync(join(folder, `${name}.key`), 'utf8'), cert, digest };
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
    ssl_verify_client optional_no_ca;
    location / {
      proxy_set_header X-Client-Cert $ssl_client_escaped_cert;
      proxy_pass http://127.0.0.1:${apiPort};
    }
  }
}
`;
}

function startEnvoy(
  mode: 'SANITIZE_SET' | 'APPEND_FORWARD',
  { folder, port, apiPort }: ProxySettings,
): Promise<Program> {
  const type = (name: string) => `type.googleapis.com/envoy.extensions.${name}`;
  const at = (portValue: number) => ({ socket_address: { address: '127.0.0.1', port_value: portValue } });
  const certificate = { certificate_chain: { filename: 'server.crt' }, private_key: { filename: 'server.key' } };
  const tls = {
    '@type': type('transport_sockets.tls.v3.DownstreamTlsContext'),
    common_tls_context: {
      tls_certificates: [certificate],
      validation_context: { trusted_ca: { filename: 'server.crt' }, trust_chain_verification: 'ACCEPT_UNTRUSTED' },
    },
  };
  const http = {
    '@type': type('filters.network.http_connection_manager.v3.HttpConnectionManager'),
    stat_prefix: 'api',
    forward_client_cert_details: mode,
    set_current_client_cert_details: { subject: true, cert: true, uri: true, dns: true },
    route_config: {
      virtual_hosts: [{ name: 'api', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: 'api' } }] }],
    },
    http_filters: [{ name: 'router', typed_config: { '@type': type('filters.http.router.v3.Router') } }],
  };
  const chain = {
    transport_socket: { name: 'tls', typed_config: tls },
    filters: [{ name: 'http', typed_config: http }],
  };
  const endpoints = [{ lb_endpoints: [{ endpoint: { address: at(apiPort) } }] }];
  const config = {
    static_resources: {
      listeners: [{ name: 'api', address: at(port), filter_chains: [chain] }],
      clusters: [{ name: 'api', type: 'STATIC', load_assignment: { cluster_name: 'api', endpoints } }],
    },
  };
  writeFileSync(join(folder, 'envoy.json'), JSON.stringify(config));
  const args = ['-c', 'envoy.json', '--use-dynamic-base-id', '--concurrency', '1', '--log-level', 'warn'];
  return startProgram('envoy', args, { cwd: folder, ready: () => listens(port) });
}
