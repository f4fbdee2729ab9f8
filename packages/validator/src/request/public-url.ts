import { forwardedElements } from './forwarded-elements.ts';

/** What a server knows about the way of a request, other than its path. */
export interface RequestHops {
  /** Scheme and host as the server itself sees them, such as `http://10.0.0.1:3000`. */
  readonly origin: string;
  /** How many proxies in front of the server are trusted, counted from the server. 0: no header is believed. */
  readonly trusted: number;
  /** Every value of a header, in order; `name` in lower case. */
  headerValues(name: string): readonly string[];
}

/** The base of a request whose trusted headers contradict each other: no URL begins with it. */
export const UNKNOWN_BASE = '';

/** A proxy that sends one of them uses this family of headers, and may pass on a client's `Forwarded` without a look. */
const NAMED = ['x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-for'];
const SCHEMES: ReadonlyMap<string, string> = new Map([
  ['https', 'https'],
  ['http', 'http'],
  // Traefik's, for a WebSocket: the client signed the URL of its HTTP request.
  ['wss', 'https'],
  ['ws', 'http'],
]);
/** A host with or without a port; IPv6 in brackets (RFC 3986 §3.2.2). */
const HOST = /^(?:[\w\-.~%]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;
const PREFIX = /^\/[\w\-.~!$&'()*+,;=:@%/]*$/;

/**
 * The base of the URL that the client used: scheme, host and the path that proxies have stripped. Reads
 * `X-Forwarded-Proto` and `X-Forwarded-Host`, or `Forwarded` (RFC 7239) where no such header is present, and
 * `X-Forwarded-Prefix`, from trusted proxies only: of a list, the value that the outermost trusted proxy added.
 *
 * A `Forwarded` that contradicts the other headers may come from the client, through a proxy that does not know it, and
 * so may they. Neither is believed then.
 *
 * @returns {@link UNKNOWN_BASE} where the headers contradict each other or cannot be read.
 */
export function forwardedBase(hops: RequestHops): string {
  if (hops.trusted === 0) return hops.origin;
  const { scheme, host } = partsOf(hops.origin);
  const named = { scheme: forwarded(hops, 'x-forwarded-proto'), host: forwarded(hops, 'x-forwarded-host') };
  const standard = standardHop(hops);
  const isStandard = !NAMED.some((name) => hops.headerValues(name).length > 0);
  const from = isStandard ? standard : named;
  if (from === undefined || (standard !== undefined && contradict(named, standard))) return UNKNOWN_BASE;
  const base = { scheme: schemeOf(from.scheme ?? scheme), host: from.host ?? host, prefix: forwardedPrefix(hops) };
  if (base.scheme === undefined || !HOST.test(base.host) || base.prefix === undefined) return UNKNOWN_BASE;
  return `${base.scheme}://${base.host}${base.prefix}`;
}

/** A request as a server sees it, for {@link clientUrl}. */
export interface SeenRequest extends Omit<RequestHops, 'trusted'> {
  /** Path and query, or an absolute URL. */
  readonly target: string;
  /** The peer of the connection. */
  readonly remoteAddress: string | undefined;
  /**
   * Whether an address is that of a trusted proxy: of the peer (distance 0), then, from the server towards the client, of
   * the addresses in `X-Forwarded-For`.
   */
  readonly isTrusted: (address: string, distance: number) => boolean;
  /** The public URL of the server's path `/`: no header overrides it. */
  readonly publicUrl?: string | undefined;
}

/**
 * The URL that a client used, for the `url` of its proof of possession (RFC 9449 §4.3). Several where a proxy that
 * strips a path leaves it open whether that had a slash at its end.
 */
export function clientUrl({ target, publicUrl, ...seen }: SeenRequest): string | readonly string[] {
  if (publicUrl !== undefined) return publicUrls(withoutSlashes(publicUrl), target);
  const { remoteAddress, isTrusted, headerValues } = seen;
  const trusted = countTrustedHops(remoteAddress, headerValues('x-forwarded-for'), isTrusted);
  return publicUrls(forwardedBase({ ...seen, trusted }), target);
}

/**
 * Counts the trusted proxies in front of a server, as Express's `trust proxy` does: from the server towards the client,
 * up to the first address that is not trusted.
 * @param isTrusted - by address, and by its distance: 0 is the peer of the connection.
 */
export function countTrustedHops(
  remoteAddress: string | undefined,
  forwardedFor: readonly string[],
  isTrusted: (address: string, distance: number) => boolean,
): number {
  const addresses = [remoteAddress ?? '', ...listed(forwardedFor).reverse()];
  const first = addresses.findIndex((address, distance) => !isTrusted(address, distance));
  return first === -1 ? addresses.length : first;
}

/**
 * Puts a path behind a base. A proxy that strips a path leaves `/` of the path itself and of the path with a slash at
 * its end, so that both are possible.
 * @param base - ends without a slash.
 */
export function publicUrls(base: string, target: string): string | readonly string[] {
  const path = pathOf(target);
  const hasPath = base.indexOf('/', base.indexOf('://') + 3) !== -1;
  return hasPath && /^\/(?:\?|$)/.test(path) ? [`${base}${path}`, `${base}${path.slice(1)}`] : `${base}${path}`;
}

function pathOf(target: string): string {
  if (target.startsWith('/')) return target;
  const url = URL.canParse(target) ? new URL(target) : undefined;
  return url === undefined ? `/${target}` : `${url.pathname}${url.search}`;
}

interface Hop {
  readonly scheme: string | undefined;
  readonly host: string | undefined;
}

/** Each trusted proxy adds one value at the end, or replaces them all. */
function forwarded({ trusted, headerValues }: RequestHops, name: string): string | undefined {
  const values = listed(headerValues(name));
  return values[Math.max(0, values.length - trusted)];
}

/** Each proxy that strips a prefix adds it, so that the client's path begins with that of the outermost one. */
function forwardedPrefix({ trusted, headerValues }: RequestHops): string | undefined {
  const prefixes = listed(headerValues('x-forwarded-prefix')).slice(-trusted);
  if (!prefixes.every((prefix) => PREFIX.test(prefix))) return undefined;
  return prefixes.map(withoutSlashes).join('');
}

function standardHop({ trusted, headerValues }: RequestHops): Hop | undefined {
  const elements = forwardedElements(headerValues('forwarded'));
  const hop = elements?.[Math.max(0, elements.length - trusted)];
  return hop && { scheme: hop.get('proto'), host: hop.get('host') };
}

function contradict(one: Hop, other: Hop): boolean {
  const differ = (left: string | undefined, right: string | undefined) =>
    left !== undefined && right !== undefined && left.toLowerCase() !== right.toLowerCase();
  return differ(one.scheme, other.scheme) || differ(one.host, other.host);
}

function schemeOf(text: string): string | undefined {
  return SCHEMES.get(text.toLowerCase());
}

function partsOf(origin: string): { scheme: string; host: string } {
  const [scheme = '', host = ''] = origin.split('://', 2);
  return { scheme, host };
}

function listed(values: readonly string[]): string[] {
  return values
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter(Boolean);
}

function withoutSlashes(prefix: string): string {
  return prefix.replace(/\/+$/, '');
}
