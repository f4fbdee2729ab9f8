import { z } from 'zod';
import { expected, isObject, text } from '../schema/expected.ts';
import { credential } from '../schema/introspection-rules.ts';
import { secretName, secureEndpoint } from '../schema/secure-endpoint.ts';
import { holdsCredentials } from '../schema/secure-url.ts';
import { serviceName } from '../schema/service-name.ts';
import { duration, HTTP_URL, httpUrl, splitList } from './plan-field.ts';

const ADDRESS = 'host:port, such as 127.0.0.1:8080 or [::1]:8080';
const address = text(ADDRESS).refine(
  (value) => {
    const match = /^(?:\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):(\d{1,5})$/.exec(value);
    return match !== null && Number(match[1]) <= 65_535;
  },
  { error: `must be ${ADDRESS}` },
);

const UNIX_SOCKET = /^unix:\/[^\s]*[^\s/]$/;
const LISTEN = `${ADDRESS}, or unix:/run/crossfade.sock`;
const UPSTREAM = `${HTTP_URL}, or unix:/run/app.sock`;
const UPSTREAM_CREDENTIALS =
  'must not hold credentials: a request reaches the API with those of its client, and no others; remove them from the URL';
const unixSocket = (what: string) => z.string(expected(what)).regex(UNIX_SOCKET, expected(what));

const NETWORKS = 'a list of IP addresses and CIDR ranges, such as 10.0.0.0/8';
const network = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], expected('an IP address or a CIDR range'));
/** Separated by commas in an environment variable. */
const networks = z.preprocess(splitList, z.array(network, expected(NETWORKS)));

const PUBLIC_PATHS =
  'a list of paths, such as /health, and prefixes that end in /*; not /* itself: nothing would be compared';
/** Separated by commas in an environment variable. */
const publicPaths = z.preprocess(
  splitList,
  z
    .array(
      z.string(expected(PUBLIC_PATHS)).regex(/^\/[^\s?#*]*(?:[^\s?#*/]\/\*)?$/, expected(PUBLIC_PATHS)),
      expected(PUBLIC_PATHS),
    )
    .min(1, expected(PUBLIC_PATHS)),
);
const PUBLIC_URL = 'an http or https URL without credentials, query and fragment';
const publicUrl = z
  .url({ protocol: /^https?$/, ...expected(PUBLIC_URL) })
  .refine((value) => !/[?#]/.test(value) && !holdsCredentials(value), expected(PUBLIC_URL));
const HEADER_NAME = 'the name of a request header';
const headerName = z.string(expected(HEADER_NAME)).regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, expected(HEADER_NAME));
const exchange = z.strictObject(
  {
    endpoint: secureEndpoint,
    clientId: credential,
    clientSecretEnv: secretName,
  },
  expected('a mapping with endpoint, clientId and clientSecretEnv'),
);

const COUNT = 'a whole number above 0';
const count = z.preprocess(
  (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
  z.int(expected(COUNT)).min(1, expected(COUNT)),
);
const SWITCH = 'true or false';
/** An environment variable holds a text. */
const flag = z.preprocess(
  (value) => (value === 'true' || value === 'false' ? value === 'true' : value),
  z.boolean(expected(SWITCH)),
);
const MAX_TIMEOUT_MS = 86_400_000;
const timeout = duration.refine((ms) => ms > 0 && ms <= MAX_TIMEOUT_MS, { error: 'must be above 0s, up to 1d' });
const delay = duration.refine((ms) => ms <= MAX_TIMEOUT_MS, { error: 'must be at most 1d' });

/** Port 0 is any free port. */
function isAnyPort(where: string): boolean {
  return where.endsWith(':0');
}

/** Every client of a Unix socket is trusted: its file permissions limit access. */
function trustsSomeProxy(value: { readonly trustedProxies?: unknown; readonly listen: unknown }): boolean {
  return value.trustedProxies !== undefined || String(value.listen).startsWith('unix:');
}

/** The plan's `sidecar` section. What has no default here has one in the sidecar. */
export const sidecarSchema = z
  .strictObject({
    service: serviceName(),
    mode: z.enum(['proxy', 'forward-auth', 'collect'], expected('proxy, forward-auth or collect')).default('proxy'),
    judge: z.enum(['observe', 'enforce'], expected('observe or enforce')).default('observe'),
    preflight: z.enum(['pass', 'judge'], expected('pass or judge')).optional(),
    listen: z.union([address, unixSocket(LISTEN)], expected(LISTEN)).default('127.0.0.1:8080'),
    tlsCert: text('the path of a PEM certificate chain').optional(),
    tlsKey: text('the path of a PEM private key').optional(),
    tlsRequestCert: flag.optional(),
    upstream: z
      .union([httpUrl, unixSocket(UPSTREAM)], expected(UPSTREAM))
      .refine((url) => !holdsCredentials(url), { error: UPSTREAM_CREDENTIALS })
      .optional(),
    upstreamCa: text('the path of PEM certificates').optional(),
    upstreamProtocol: z.enum(['http1', 'h2'], expected('http1 or h2')).optional(),
    fastPath: flag.optional(),
    admin: address.default('127.0.0.1:9464'),
    metrics: address.optional(),
    trustedProxies: networks.optional(),
    publicUrl: publicUrl.optional(),
    clientCertificateHeader: headerName.optional(),
    methodHeader: headerName.optional(),
    publicPaths: publicPaths.optional(),
    upstreamToken: z.enum(['same', 'jwt'], expected('same or jwt')).optional(),
    exchange: exchange.optional(),
    maxConnections: count.optional(),
    headerTimeout: timeout.optional(),
    idleTimeout: timeout.optional(),
    responseTimeout: timeout.optional(),
    stallTimeout: timeout.optional(),
    legacyConnections: z.enum(['keep', 'end'], expected('keep or end')).optional(),
    drainDelay: delay.optional(),
    drainTimeout: delay.optional(),
  })
  .refine((value) => value.mode !== 'proxy' || value.upstream !== undefined, {
    when: ({ value }) => isObject(value),
    path: ['upstream'],
    error: `is required in proxy mode: ${UPSTREAM}`,
  })
  .refine((value) => (value.tlsCert === undefined) === (value.tlsKey === undefined), {
    when: ({ value }) => isObject(value),
    path: ['tlsKey'],
    error: 'must be set together with tlsCert: a certificate and its key are one pair',
  })
  .refine((value) => value.upstreamToken !== 'jwt' || (value.mode === 'proxy' && value.judge === 'enforce'), {
    when: ({ value }) => isObject(value),
    path: ['upstreamToken'],
    error: 'must be same, unless mode is proxy and judge is enforce: only then a token may be replaced',
  })
  .refine((value) => value.exchange === undefined || value.upstreamToken === 'jwt', {
    when: ({ value }) => isObject(value),
    path: ['exchange'],
    error: 'is for upstreamToken: jwt: remove it',
  })
  .refine((value) => value.tlsRequestCert !== true || (value.tlsCert !== undefined && value.mode === 'proxy'), {
    when: ({ value }) => isObject(value),
    path: ['tlsRequestCert'],
    error: 'needs tlsCert and mode: proxy: clients show a certificate in the TLS handshake with the data port',
  })
  .refine((value) => value.tlsRequestCert !== true || value.clientCertificateHeader === undefined, {
    when: ({ value }) => isObject(value),
    path: ['clientCertificateHeader'],
    error:
      'must be left out with tlsRequestCert: a certificate comes from the connection or from a proxy, not from both',
  })
  .refine((value) => value.clientCertificateHeader === undefined || trustsSomeProxy(value), {
    when: ({ value }) => isObject(value),
    path: ['trustedProxies'],
    error: 'is required by clientCertificateHeader: any client could send that header',
  })
  .refine((value) => value.methodHeader === undefined || trustsSomeProxy(value), {
    when: ({ value }) => isObject(value),
    path: ['trustedProxies'],
    error: 'is required by methodHeader: any client could send that header',
  })
  .refine((value) => value.methodHeader === undefined || value.mode === 'forward-auth', {
    when: ({ value }) => isObject(value),
    path: ['methodHeader'],
    error: 'is for mode: forward-auth: remove it',
  })
  .refine((value) => value.upstreamCa === undefined || String(value.upstream).startsWith('https:'), {
    when: ({ value }) => isObject(value),
    path: ['upstreamCa'],
    error: 'is for an https upstream: remove it',
  })
  .refine((value) => value.upstreamProtocol !== 'h2' || value.mode === 'proxy', {
    when: ({ value }) => isObject(value),
    path: ['upstreamProtocol'],
    error: 'is for mode: proxy: remove it',
  })
  .refine((value) => value.legacyConnections !== 'end' || value.mode === 'proxy', {
    when: ({ value }) => isObject(value),
    path: ['legacyConnections'],
    error: 'is for mode: proxy, where connections go through the sidecar: remove it',
  })
  .refine((value) => value.metrics === undefined || value.metrics !== value.admin || isAnyPort(value.metrics), {
    when: ({ value }) => isObject(value),
    path: ['metrics'],
    error: 'must differ from admin: it is a port of its own, for scrapers, probes and the CLI',
  })
  .transform(({ headerTimeout, idleTimeout, responseTimeout, stallTimeout, drainDelay, drainTimeout, ...rest }) => ({
    ...rest,
    ...(headerTimeout !== undefined && { headerTimeoutMs: headerTimeout }),
    ...(idleTimeout !== undefined && { idleTimeoutMs: idleTimeout }),
    ...(responseTimeout !== undefined && { responseTimeoutMs: responseTimeout }),
    ...(stallTimeout !== undefined && { stallTimeoutMs: stallTimeout }),
    ...(drainDelay !== undefined && { drainDelayMs: drainDelay }),
    ...(drainTimeout !== undefined && { drainTimeoutMs: drainTimeout }),
  }));
