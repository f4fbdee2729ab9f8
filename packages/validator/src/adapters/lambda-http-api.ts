import { joinedAuthorizationValues, joinedValues } from '../http/joined-header-values.ts';
import { forwardedCertificateThumbprint } from '../request/certificate.ts';
import type { RequestReader } from '../request/request-reader.ts';
import { headersNamed } from './lambda-headers.ts';

/** The part of an HTTP API's event (payload format 2.0) that an authorizer reads. */
export interface HttpApiEvent {
  readonly version: string;
  readonly rawPath: string;
  readonly rawQueryString?: string | undefined;
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  readonly requestContext: {
    readonly domainName: string;
    readonly stage?: string | undefined;
    readonly http: { readonly method: string };
    readonly authentication?:
      | { readonly clientCert?: { readonly clientCertPem: string } | undefined }
      | null
      | undefined;
  };
}

/** API Gateway joins the values of a repeated header, and verifies client certificates itself. */
export const httpApiReader: RequestReader<HttpApiEvent> = {
  authorization: ({ headers }) => headersNamed(headers, 'authorization').flatMap(joinedAuthorizationValues),
  headerValues: ({ headers }, name) => headersNamed(headers, name).flatMap(joinedValues),
  headerNames: ({ headers }) => Object.keys(headers ?? {}),
  method: ({ requestContext }) => requestContext.http.method,
  base: (event) => `https://${event.requestContext.domainName}${stageOf(event)}`,
  target(event) {
    const { rawPath, rawQueryString = '' } = event;
    const path = rawPath.slice(stageOf(event).length) || '/';
    return rawQueryString === '' ? path : `${path}?${rawQueryString}`;
  },
  certificate({ requestContext }) {
    const pem = requestContext.authentication?.clientCert?.clientCertPem;
    return pem === undefined ? undefined : forwardedCertificateThumbprint([pem], 'nginx');
  },
};

/** What the client's path has in front of the API's: `/prod`, or nothing for the stage `$default`. */
function stageOf({ rawPath, requestContext: { stage } }: HttpApiEvent): string {
  return rawPath === `/${stage}` || rawPath.startsWith(`/${stage}/`) ? `/${stage}` : '';
}
