import { ConfigError, isLoopbackHost, type ObservedAcceptance } from '@crossfade/core';
import { expected, schemaProblems } from '@crossfade/core/schema';
import { z } from 'zod';
import { JUDGEMENT_BATCH_PATH } from './judgement-batch.ts';

/** Options of `createCollectorSender`. */
export interface CollectorSenderOptions {
  /** The collector's admin port, such as `http://127.0.0.1:9464`: http, on loopback. This or `socketPath`. */
  readonly url?: string | URL;
  /** The Unix socket of the collector (`sidecar.listen: unix:...` in its plan). This or `url`. */
  readonly socketPath?: string;
  /** The validator whose judgements are recorded; each batch reports its acceptance. */
  readonly validator: { acceptance(): ObservedAcceptance };
  /** Names this process in the collector's list of senders: 1 to 64 of `A-Za-z0-9_.:-`. Default: none. */
  readonly name?: string;
  /** How often records are sent. Default: 1000; at most 10,000, because the collector treats silence as a failure. */
  readonly intervalMs?: number;
  /** How long one delivery may take. Default: 5000. */
  readonly timeoutMs?: number;
  /** How long `close` may take to deliver the last records. Default: 2000. */
  readonly closeTimeoutMs?: number;
}

/** Where the collector listens, as `node:http` options. */
export type CollectorAddress =
  | { readonly socketPath: string; readonly path: string }
  | { readonly host: string; readonly port: string; readonly path: string };

export interface SenderSettings extends Required<Omit<CollectorSenderOptions, 'url' | 'socketPath' | 'name'>> {
  readonly address: CollectorAddress;
  readonly name: string | undefined;
}

const LOOPBACK_URL = 'an http URL on loopback, such as http://127.0.0.1:9464: a collector accepts local senders only';
const NAME = '1 to 64 of A-Z, a-z, 0-9, _, ., : and -';

const duration = (most: number) => {
  const milliseconds = expected(`a whole number of milliseconds, 10 to ${most}`);
  return z.int(milliseconds).min(10, milliseconds).max(most, milliseconds);
};

const schema = z
  .strictObject({
    url: z
      .union([z.string(), z.instanceof(URL)], expected(LOOPBACK_URL))
      .refine(isLoopback, expected(LOOPBACK_URL))
      .optional(),
    socketPath: z
      .string(expected('the path of a Unix socket'))
      .min(1, expected('the path of a Unix socket'))
      .optional(),
    validator: z.custom<CollectorSenderOptions['validator']>(isValidator, expected('a validator')),
    name: z
      .string(expected(NAME))
      .regex(/^[\w.:-]{1,64}$/, expected(NAME))
      .optional(),
    intervalMs: duration(10_000).default(1000),
    timeoutMs: duration(60_000).default(5000),
    closeTimeoutMs: duration(60_000).default(2000),
  })
  .refine(({ url, socketPath }) => (url === undefined) !== (socketPath === undefined), {
    path: ['url'],
    error: 'is required: the admin URL of the collector, or socketPath; never both',
  });

/** Checks the options and fills in defaults. @throws {@link ConfigError} with every problem. */
export function readSenderOptions(options: CollectorSenderOptions): SenderSettings {
  const parsed = schema.safeParse(options);
  if (!parsed.success) throw new ConfigError('collector sender', schemaProblems(parsed.error, schema));
  const { url, socketPath, name, ...rest } = parsed.data;
  return { ...rest, name, address: addressOf(url, socketPath) };
}

function addressOf(url: string | URL | undefined, socketPath: string | undefined): CollectorAddress {
  if (socketPath !== undefined) return { socketPath, path: JUDGEMENT_BATCH_PATH };
  const { hostname, port } = new URL(url ?? '');
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port || '80', path: JUDGEMENT_BATCH_PATH };
}

function isLoopback(url: string | URL): boolean {
  if (!URL.canParse(url.toString())) return false;
  const { protocol, hostname, pathname, search, username } = new URL(url);
  return protocol === 'http:' && isLoopbackHost(hostname) && pathname === '/' && search === '' && username === '';
}

function isValidator(value: unknown): boolean {
  return typeof (value as Partial<CollectorSenderOptions['validator']> | null)?.acceptance === 'function';
}
