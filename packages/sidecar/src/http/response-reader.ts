import { type ApiVerdict, isGrpc, readApiResponse } from '@crossfade/core';
import { fieldValue, type RawFields } from './raw-fields.ts';

/**
 * Reads what the header section of the API's final response says about the token. `in_trailers`: nothing yet, because
 * gRPC puts its status behind the body. Of a usual response it looks at nothing but `Content-Type`.
 */
export function readResponseHead(status: number, rawHeaders: RawFields): ApiVerdict | 'in_trailers' {
  if (status === 401 || status === 403) {
    return readApiResponse({ status, wwwAuthenticate: fieldValue(rawHeaders, 'www-authenticate') });
  }
  if (status < 200 || status > 299) return readApiResponse({ status });
  const contentType = fieldValue(rawHeaders, 'content-type');
  if (!isGrpc(contentType)) return 'taken';
  const grpcStatus = fieldValue(rawHeaders, 'grpc-status');
  return grpcStatus === undefined ? 'in_trailers' : readApiResponse({ status, contentType, grpcStatus });
}

/** Reads what the trailers of a gRPC response say about the token. */
export function readGrpcTrailers(rawTrailers: RawFields | null): ApiVerdict {
  if (rawTrailers === null || rawTrailers.length === 0) return 'unclear';
  const grpcStatus = fieldValue(rawTrailers, 'grpc-status');
  return readApiResponse({ status: 200, contentType: 'application/grpc', grpcStatus });
}
