import {
  type ProtectedResourceOptions,
  protectedResourceMetadataUrl,
  readProtectedResource,
} from './protected-resource-metadata.ts';

/** The metadata document of an API, ready to be served by any server. Header names are in lower case. */
export interface ProtectedResourceResponse {
  /** The path at which it has to be served, at the root of the host. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  body(): string;
}

/** A change of the acceptance switch has to reach clients soon, and a document is asked for rarely. */
const HEADERS = { 'content-type': 'application/json', 'cache-control': 'public, max-age=60' };

/** @throws `ConfigError` with every problem of the options. */
export function createProtectedResourceResponse(options: ProtectedResourceOptions): ProtectedResourceResponse {
  const metadata = readProtectedResource(options);
  const { pathname } = new URL(protectedResourceMetadataUrl(options.resource));
  return { path: pathname, headers: HEADERS, body: () => JSON.stringify(metadata()) };
}
