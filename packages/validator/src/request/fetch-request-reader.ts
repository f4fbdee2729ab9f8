import { joinedAuthorizationValues, joinedValues } from '../http/joined-header-values.ts';
import type { RequestReader } from './request-reader.ts';

/**
 * Reads a `fetch` request. Values of a repeated header are joined, and there is no connection to read, so that no proxy
 * in front of it can be trusted.
 */
export const fetchRequestReader: RequestReader<Request> = {
  authorization({ headers }) {
    const joined = headers.get('authorization');
    return joined === null ? [] : joinedAuthorizationValues(joined);
  },
  headerValues({ headers }, name) {
    const joined = headers.get(name);
    return joined === null ? [] : joinedValues(joined);
  },
  headerNames: ({ headers }) => [...headers.keys()],
  method: ({ method }) => method,
  hasBody: ({ body }) => body !== null,
  base: ({ url }) => new URL(url).origin,
  target: ({ url }) => url,
  certificate: () => undefined,
};
