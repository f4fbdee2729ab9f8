import { isPreflight } from '@crossfade/validator';
import { hasHeader, headerNames, headerValues } from './header-values.ts';
import type { ProvableRequest } from './request-proof.ts';
import { readRequestTarget } from './request-target.ts';

/** How proxies name the method of the request that they ask about, and its path and query or its URL. */
const METHODS = ['x-forwarded-method', 'x-original-method'];
const TARGETS = ['x-forwarded-uri', 'x-original-uri', 'x-original-url'];

/** The method or target of a request about which the headers contradict each other: neither can hold a space. */
const UNKNOWN = ' ';

/**
 * The request that a trusted proxy asks about, as its client sent it. Traefik and Caddy send `X-Forwarded-Method` and
 * `-Uri`, nginx `X-Original-Method` and `-URI` or `-URL`; Envoy repeats the request itself, and so is every client
 * understood that is not trusted.
 *
 * A client can send the headers of another kind of proxy through its own. A request with two methods or two targets is
 * therefore none that a proof can be for. With `methodHeader`, that header alone names the method.
 * @param methodHeader in lower case.
 */
export function askedRequest(request: ProvableRequest, methodHeader?: string): ProvableRequest {
  if (!request.client.trusted) return request;
  const { rawHeaders } = request;
  const methods = methodHeader === undefined ? METHODS : [methodHeader];
  const unnamed = methodHeader === undefined ? request.method : UNKNOWN;
  return {
    ...request,
    method: onlyOf(methods.flatMap((name) => headerValues(rawHeaders, name))) ?? unnamed,
    target: onlyOf(TARGETS.flatMap((name) => headerValues(rawHeaders, name)).map(pathOf)) ?? request.target,
  };
}

/**
 * Whether a proxy asks about a CORS preflight. Its method is what `methodHeader` of a trusted proxy says, which sets that
 * header on every request; without that setting, the method of the request itself, which Envoy repeats. No other header
 * can make a preflight of a request: a client could have sent it.
 */
export function isAskedPreflight(request: ProvableRequest, methodHeader?: string): boolean {
  if (methodHeader === undefined ? request.method !== 'OPTIONS' : !request.client.trusted) return false;
  // Nearly every request ends here, and costs no object.
  if (!hasHeader(request.rawHeaders, 'access-control-request-method')) return false;
  const { method } = askedRequest(request, methodHeader);
  const { rawHeaders } = request;
  return isPreflight({
    method,
    headerValues: (name) => headerValues(rawHeaders, name),
    headerNames: () => headerNames(rawHeaders),
  });
}

/** @returns `undefined` without a value; {@link UNKNOWN} for several that differ. */
function onlyOf(values: readonly string[]): string | undefined {
  const [first] = values;
  return values.every((value) => value === first) ? first : UNKNOWN;
}

function pathOf(target: string): string {
  return readRequestTarget(target, '')?.path ?? target;
}
