import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../src/plan/plan-schema.ts';
import { parsePlanText } from '../../src/plan-file.ts';
import { ConfigError } from '../../src/vocabulary/error.ts';

const side = (audience: string) => ({ issuer: 'https://idp.example.com', audience });
const planWith = (sidecar: unknown) => ({
  version: 1,
  clients: [],
  migration: 'orders-2026',
  legacy: side('legacy'),
  target: side('target'),
  flags: { source: 'file', path: 'flags.json' },
  sidecar,
});
const problems = (settings: object): Record<string, string> => {
  try {
    parsePlan(planWith({ service: 's', upstream: 'http://127.0.0.1:3000', ...settings }));
    return {};
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return Object.fromEntries(error.problems.map(({ path, message }) => [path.replace('sidecar.', ''), message]));
  }
};

const EXCHANGE = { endpoint: 'https://idp.example.com/token', clientId: 'orders', clientSecretEnv: 'SECRET' };
const TLS = { tlsCert: 'tls.crt', tlsKey: 'tls.key' };

describe('the sidecar section', () => {
  it('takes sockets, TLS, trusted networks, limits and the times of a stop', () => {
    const settings = {
      service: 's',
      listen: 'unix:/run/crossfade.sock',
      tlsCert: 'tls.crt',
      tlsKey: 'tls.key',
      upstream: 'https://api.example.com',
      upstreamCa: 'ca.pem',
      fastPath: false,
      trustedProxies: ['10.0.0.0/8', '192.0.2.1', '::1', 'fd00::/8'],
      maxConnections: 500,
      preflight: 'judge',
      upstreamProtocol: 'h2',
      metrics: '0.0.0.0:9465',
      legacyConnections: 'end',
    };
    const idle = { idleTimeout: '610s', responseTimeout: '20s' };
    const times = { ...idle, headerTimeout: '10s', stallTimeout: '1m', drainDelay: '5s', drainTimeout: '0s' };
    expect(parsePlan(planWith({ ...settings, ...times })).sidecar).toEqual({
      ...settings,
      mode: 'proxy',
      judge: 'observe',
      admin: '127.0.0.1:9464',
      headerTimeoutMs: 10_000,
      idleTimeoutMs: 610_000,
      responseTimeoutMs: 20_000,
      stallTimeoutMs: 60_000,
      drainDelayMs: 5_000,
      drainTimeoutMs: 0,
    });
    expect(problems({ upstream: 'unix:/run/app.sock' })).toEqual({});
  });

  it('takes a source of client certificates and the public URL', () => {
    const proxied = { clientCertificateHeader: 'Client-Cert', publicUrl: 'https://api.example.com/orders' };
    expect(problems({ ...proxied, trustedProxies: ['10.0.0.0/8'] })).toEqual({});
    expect(problems({ ...proxied, listen: 'unix:/run/crossfade.sock' })).toEqual({});
    expect(problems({ ...TLS, tlsRequestCert: true })).toEqual({});
    const asking = { mode: 'forward-auth', methodHeader: 'X-Original-Method' };
    expect(problems({ ...asking, trustedProxies: ['10.0.0.0/8'] })).toEqual({});
    expect(problems({ ...asking, listen: 'unix:/run/crossfade.sock' })).toEqual({});
    expect(problems({ tlsRequestCert: false })).toEqual({});
  });

  it('takes lists, numbers and switches from the environment', () => {
    const { sidecar } = parsePlanText(JSON.stringify(planWith({ service: 's', upstream: 'http://127.0.0.1:3000' })), {
      CROSSFADE_SIDECAR_TRUSTED_PROXIES: '10.0.0.0/8, ::1',
      CROSSFADE_SIDECAR_MAX_CONNECTIONS: '20',
      CROSSFADE_SIDECAR_DRAIN_DELAY: '3s',
      CROSSFADE_SIDECAR_FAST_PATH: 'false',
    });
    expect(sidecar).toMatchObject({
      trustedProxies: ['10.0.0.0/8', '::1'],
      maxConnections: 20,
      drainDelayMs: 3_000,
      fastPath: false,
    });
  });

  it('takes any free port for both admin and metrics', () => {
    expect(problems({ admin: '127.0.0.1:0', metrics: '127.0.0.1:0' })).toEqual({});
  });

  it('takes what tells it how clients see the API, and what its responses prove', () => {
    const settings = {
      publicUrl: 'https://api.example.com/orders',
      trustedProxies: ['10.0.0.0/8'],
      clientCertificateHeader: 'client-cert',
      publicPaths: ['/health', '/', '/public/*', '/a/b/*'],
      judge: 'enforce',
      upstreamToken: 'jwt',
      exchange: EXCHANGE,
    };
    expect(problems(settings)).toEqual({});
    expect(parsePlan(planWith({ service: 's', upstream: 'http://a', ...settings })).sidecar).toMatchObject(settings);
    const environment = { CROSSFADE_SIDECAR_PUBLIC_PATHS: '/health, /public/*' };
    const text = JSON.stringify(planWith({ service: 's', upstream: 'http://127.0.0.1:3000' }));
    expect(parsePlanText(text, environment).sidecar?.publicPaths).toEqual(['/health', '/public/*']);
  });

  it.each([
    [{ listen: 'unix:relative.sock' }, 'listen', 'unix:/run/crossfade.sock'],
    [{ listen: 'unix:/run/' }, 'listen', 'unix:/run/crossfade.sock'],
    [{ upstream: 'ftp://a' }, 'upstream', 'unix:/run/app.sock'],
    [{ upstream: 'http://user:hunter2@127.0.0.1:3000' }, 'upstream', 'must not hold credentials'],
    [{ upstream: 'HTTPS://hunter2@api.example.com' }, 'upstream', 'must not hold credentials'],
    [{ upstream: undefined }, 'upstream', 'is required in proxy mode'],
    [{ tlsCert: 'tls.crt' }, 'tlsKey', 'must be set together with tlsCert'],
    [{ upstreamCa: 'ca.pem' }, 'upstreamCa', 'is for an https upstream'],
    [{ tlsRequestCert: true }, 'tlsRequestCert', 'needs tlsCert and mode: proxy'],
    [{ ...TLS, mode: 'forward-auth', tlsRequestCert: true }, 'tlsRequestCert', 'needs tlsCert and mode: proxy'],
    [{ ...TLS, tlsRequestCert: 'always' }, 'tlsRequestCert', 'must be true or false'],
    [
      { ...TLS, tlsRequestCert: true, clientCertificateHeader: 'Client-Cert', trustedProxies: ['::1'] },
      'clientCertificateHeader',
      'must be left out with tlsRequestCert',
    ],
    [{ publicUrl: 'api.example.com' }, 'publicUrl', 'must be an http or https URL'],
    [{ trustedProxies: 'everyone' }, 'trustedProxies.0', 'must be an IP address or a CIDR range'],
    [{ trustedProxies: 3 }, 'trustedProxies', 'must be a list of IP addresses'],
    [{ fastPath: 'off' }, 'fastPath', 'must be true or false'],
    [{ fastPath: 0 }, 'fastPath', 'must be true or false'],
    [{ maxConnections: 0 }, 'maxConnections', 'must be a whole number above 0'],
    [{ maxConnections: 'many' }, 'maxConnections', 'must be a whole number above 0'],
    [{ preflight: 'allow' }, 'preflight', 'must be pass or judge'],
    [{ upstreamProtocol: 'http2' }, 'upstreamProtocol', 'must be http1 or h2'],
    [{ upstreamProtocol: 'h2', mode: 'forward-auth' }, 'upstreamProtocol', 'is for mode: proxy'],
    [{ metrics: '9465' }, 'metrics', 'must be host:port'],
    [{ metrics: '127.0.0.1:9464' }, 'metrics', 'must differ from admin'],
    [{ legacyConnections: true }, 'legacyConnections', 'must be keep or end'],
    [{ legacyConnections: 'end', mode: 'forward-auth' }, 'legacyConnections', 'is for mode: proxy'],
    [{ idleTimeout: '0s' }, 'idleTimeout', 'must be above 0s, up to 1d'],
    [{ responseTimeout: '2d' }, 'responseTimeout', 'must be above 0s, up to 1d'],
    [{ headerTimeout: '0s' }, 'headerTimeout', 'must be above 0s, up to 1d'],
    [{ stallTimeout: '2d' }, 'stallTimeout', 'must be above 0s, up to 1d'],
    [{ drainDelay: '2d' }, 'drainDelay', 'must be at most 1d'],
    [{ publicUrl: 'https://user:secret@api.example.com' }, 'publicUrl', 'without credentials'],
    [{ publicUrl: 'https://api.example.com/?a' }, 'publicUrl', 'without credentials, query and fragment'],
    [{ publicPaths: ['health'] }, 'publicPaths.0', 'such as /health'],
    [{ publicPaths: ['/a*'] }, 'publicPaths.0', 'prefixes that end in /*'],
    [{ publicPaths: ['/*'] }, 'publicPaths.0', 'nothing would be compared'],
    [{ publicPaths: ['//*'] }, 'publicPaths.0', 'nothing would be compared'],
    [{ publicPaths: [] }, 'publicPaths', 'a list of paths'],
    [
      { clientCertificateHeader: 'a b', trustedProxies: ['::1'] },
      'clientCertificateHeader',
      'name of a request header',
    ],
    [{ clientCertificateHeader: 'client-cert' }, 'trustedProxies', 'any client could send that header'],
    [{ mode: 'forward-auth', methodHeader: 'method' }, 'trustedProxies', 'is required by methodHeader'],
    [
      { mode: 'forward-auth', methodHeader: '', trustedProxies: ['::1'] },
      'methodHeader',
      'must be the name of a request header',
    ],
    [{ methodHeader: 'method', trustedProxies: ['::1'] }, 'methodHeader', 'is for mode: forward-auth'],
    [{ upstreamToken: 'jwt' }, 'upstreamToken', 'unless mode is proxy and judge is enforce'],
    [{ exchange: EXCHANGE }, 'exchange', 'is for upstreamToken: jwt'],
    [
      { judge: 'enforce', upstreamToken: 'jwt', exchange: { ...EXCHANGE, endpoint: 'http://idp.example.com' } },
      'exchange.endpoint',
      'must be an https URL',
    ],
  ])('refuses %j and says what it expects', (settings, path, message) => {
    const found = problems(settings);
    expect(found).toEqual({ [path]: expect.stringContaining(message) });
    expect(JSON.stringify(found)).not.toMatch(/secret|hunter2/);
  });
});
