import { type ProblemResponse, problem } from './problem.ts';

/** An HTTP/2 client can spell a method as it likes. `TRACK` is what older servers of Microsoft call it. */
const TRACE = /^trac[ek]$/i;
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';

const WITH_BODY = problem(400, 'Bad Request', 'A TRACE request has no body.');
const NOT_ALLOWED: ProblemResponse = withAllow(
  problem(405, 'Method Not Allowed', 'TRACE would show the client the headers that are added to its request.'),
);

function withAllow(response: ProblemResponse): ProblemResponse {
  return { ...response, headers: { ...response.headers, allow: METHODS } };
}

/**
 * The response to a `TRACE` that the API must not see. It would send back the request as it arrived there: the client's
 * token, and the headers that the sidecar adds (RFC 9110 §9.3.8). An observing sidecar adds nothing but
 * `X-Forwarded-*`, and so lets it pass; with a body, which §9.3.8 forbids and servers read differently, no request passes.
 */
export function refuseTrace(
  method: string,
  hasBody: boolean,
  judge: 'observe' | 'enforce',
): ProblemResponse | undefined {
  if (method.length !== 'TRACE'.length || !TRACE.test(method)) return undefined;
  if (hasBody) return WITH_BODY;
  return judge === 'enforce' ? NOT_ALLOWED : undefined;
}
