import { z } from 'zod';
import { expected, isObject, text } from '../schema/expected.ts';
import { duration, HTTP_URL, httpUrl } from './plan-field.ts';

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
const unixSocket = (what: string) => z.string(expected(what)).regex(UNIX_SOCKET, expected(what));

const NETWORKS = 'a list of IP addresses and CIDR ranges, such as 10.0.0.0/8';
const network = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], expected('an IP address or a CIDR range'));
/** Separated by commas in an environment variable. */
const networks = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',').map((item) => item.trim()) : value),
  z.array(network, expected(NETWORKS)),
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

/** The plan's `sidecar` section. What has no default here has one in the sidecar. */
export const sidecarSchema = z
  .strictObject({
    service: z
      .string(expected('a name: a-z, 0-9, - and _'))
      .regex(/^[a-zA-Z0-9_-]{1,64}$/, expected('a name: a-z, 0-9, - and _')),
    mode: z.enum(['proxy', 'forward-auth', 'collect'], expected('proxy, forward-auth or collect')).default('proxy'),
    judge: z.enum(['observe', 'enforce'], expected('observe or enforce')).default('observe'),
    listen: z.union([address, unixSocket(LISTEN)], expected(LISTEN)).default('127.0.0.1:8080'),
    tlsCert: text('the path of a PEM certificate chain').optional(),
    tlsKey: text('the path of a PEM private key').optional(),
    upstream: z.union([httpUrl, unixSocket(UPSTREAM)], expected(UPSTREAM)).optional(),
    upstreamCa: text('the path of PEM certificates').optional(),
    fastPath: flag.optional(),
    admin: address.default('127.0.0.1:9464'),
    trustedProxies: networks.optional(),
    maxConnections: count.optional(),
    headerTimeout: timeout.optional(),
    stallTimeout: timeout.optional(),
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
  .refine((value) => value.upstreamCa === undefined || String(value.upstream).startsWith('https:'), {
    when: ({ value }) => isObject(value),
    path: ['upstreamCa'],
    error: 'is for an https upstream: remove it',
  })
  .transform(({ headerTimeout, stallTimeout, drainDelay, drainTimeout, ...rest }) => ({
    ...rest,
    ...(headerTimeout !== undefined && { headerTimeoutMs: headerTimeout }),
    ...(stallTimeout !== undefined && { stallTimeoutMs: stallTimeout }),
    ...(drainDelay !== undefined && { drainDelayMs: drainDelay }),
    ...(drainTimeout !== undefined && { drainTimeoutMs: drainTimeout }),
  }));
