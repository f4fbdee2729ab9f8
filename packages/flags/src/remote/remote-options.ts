import { type Clock, ConfigError, isLoopbackHost, type Problem } from '@crossfade/core';
import { checkOptions } from '../polling/check-options.ts';
import type { IssuanceStorage } from './issuance-storage.ts';

export interface RemoteSourceOptions {
  /** The address of `GET <prefix>/issuance` of the backend; in a browser it may be a path, such as `/auth/issuance`. */
  readonly url: string;
  /** How often to poll, in ms. Default: 60 s. */
  readonly intervalMs?: number;
  /** The timeout of one request, in ms. Default: 5 s. */
  readonly timeoutMs?: number;
  /** Keeps the last good position across reloads, such as `localStorage`. Default: memory only. */
  readonly storage?: IssuanceStorage;
  /** Sends the requests. Default: the global one. */
  readonly fetch?: typeof fetch;
  /** Allows an http URL that is not on loopback. Only for trusted networks. */
  readonly allowInsecure?: boolean;
  readonly now?: Clock;
}

/** @throws {@link ConfigError} with every problem of the options. */
export function checkRemoteOptions(options: RemoteSourceOptions): void {
  const { intervalMs, timeoutMs } = options ?? {};
  const problems: Problem[] = [];
  const url = urlProblem(options ?? {});
  if (url !== undefined) problems.push({ path: 'url', message: url });
  const { storage, fetch: request, now } = options ?? {};
  if (storage !== undefined && !(isFunction(storage?.getItem) && isFunction(storage?.setItem)))
    problems.push({ path: 'storage', message: 'must have getItem and setItem, as localStorage has them' });
  for (const [path, given] of Object.entries({ fetch: request, now }))
    if (given !== undefined && !isFunction(given)) problems.push({ path, message: 'must be a function' });
  try {
    checkOptions('', {
      ...(intervalMs !== undefined && { intervalMs }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
  } catch (error) {
    if (error instanceof ConfigError) problems.push(...error.problems);
  }
  if (problems.length > 0) throw new ConfigError('remote source', problems);
}

/** Without `URL`, whose parts React Native lacks. */
function urlProblem({ url, allowInsecure }: Partial<RemoteSourceOptions>): string | undefined {
  const expected = "must be the https URL of the backend's <prefix>/issuance";
  if (typeof url !== 'string') return expected;
  if (/^\/(?!\/)/.test(url)) return 'location' in globalThis ? undefined : `${expected}: a path is for browsers only`;
  const [, scheme, host = ''] = /^(https?):\/\/(\[[\da-f:.]+\]|[^\s/?#@:]+)(?::\d+)?(?:[/?][^\s#]*)?$/i.exec(url) ?? [];
  if (scheme === undefined) return `${expected}, without credentials`;
  if (scheme.toLowerCase() === 'https' || isLoopbackHost(host) || allowInsecure === true) return undefined;
  return `${expected}: http is for loopback, or needs allowInsecure`;
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}
