import { headerValues } from './header-values.ts';
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
 * therefore none that a proof can be for.
 */
export function askedRequest(request: ProvableRequest): ProvableRequest {
  if (!request.client.trusted) return request;
  const { rawHeaders } = request;
  return {
    ...request,
    method: onlyOf(METHODS.flatMap((name) => headerValues(rawHeaders, name))) ?? request.method,
    target: onlyOf(TARGETS.flatMap((name) => headerValues(rawHeaders, name)).map(pathOf)) ?? request.target,
  };
}

/** @returns `undefined` without a value; {@link UNKNOWN} for several that differ. */
function onlyOf(values: readonly string[]): string | undefined {
  const [first] = values;
  return values.every((value) => value === first) ? first : UNKNOWN;
}

function pathOf(target: string): string {
  return readRequestTarget(target, '')?.path ?? target;
}
