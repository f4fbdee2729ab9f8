import { forwardedCertificateThumbprint } from '../request/certificate.ts';
import type { RequestReader } from '../request/request-reader.ts';
import { headersNamed } from './lambda-headers.ts';

/** The event of a TOKEN authorizer: one header. */
export interface RestApiTokenEvent {
  readonly type: 'TOKEN';
  readonly methodArn: string;
  readonly authorizationToken: string;
}

/** The part of a REQUEST authorizer's event that is read. */
export interface RestApiRequestEvent {
  readonly type: 'REQUEST';
  readonly methodArn: string;
  readonly httpMethod: string;
  /** Without the stage. */
  readonly path?: string | undefined;
  readonly headers: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[] | undefined>> | null;
  readonly requestContext: {
    readonly domainName?: string | undefined;
    /** Includes the stage, as clients see it. */
    readonly path: string;
    readonly identity?: { readonly clientCert?: { readonly clientCertPem: string } | null | undefined } | undefined;
  };
}

/** An event of a REST API, for either kind of authorizer. */
export type RestApiEvent = RestApiTokenEvent | RestApiRequestEvent;

/** A TOKEN event has nothing but the token, so it carries no proof. */
export const restApiReader: RequestReader<RestApiEvent> = {
  authorization: (event) => (event.type === 'TOKEN' ? [event.authorizationToken] : valuesOf(event, 'authorization')),
  headerValues: (event, name) => (event.type === 'TOKEN' ? [] : valuesOf(event, name)),
  headerNames: (event) => (event.type === 'TOKEN' ? [] : Object.keys(event.multiValueHeaders ?? event.headers ?? {})),
  method: (event) => (event.type === 'TOKEN' ? '' : event.httpMethod),
  base: (event) => (event.type === 'TOKEN' ? '' : `https://${event.requestContext.domainName ?? ''}${stageOf(event)}`),
  target: (event) => (event.type === 'TOKEN' ? '' : event.requestContext.path.slice(stageOf(event).length)),
  certificate(event) {
    const pem = event.type === 'TOKEN' ? undefined : event.requestContext.identity?.clientCert?.clientCertPem;
    return pem === undefined ? undefined : forwardedCertificateThumbprint([pem], 'nginx');
  },
};

/** What the client's path has in front of the API's: `/prod`, or nothing under a domain name of one's own. */
function stageOf({ path, requestContext }: RestApiRequestEvent): string {
  return path !== undefined && requestContext.path.endsWith(path) ? requestContext.path.slice(0, -path.length) : '';
}

/** `headers` has only the last value of a repeated header. */
function valuesOf({ headers, multiValueHeaders }: RestApiRequestEvent, name: string): readonly string[] {
  return multiValueHeaders === null ? headersNamed(headers, name) : headersNamed(multiValueHeaders, name).flat();
}
