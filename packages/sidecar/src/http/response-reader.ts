import { type ApiVerdict, isGrpc, readApiResponse } from '@crossfade/core';
import { fieldValue, type RawFields } from './raw-fields.ts';

/** What the header section of the API's final response says. */
export type ResponseHead = ApiVerdict | 'in_trailers' | 'stream';

/** Media types of responses that go on for as long as there is something to tell; gRPC is another one. */
const STREAM =
  /^\s*(?:text\/event-stream|application\/(?:(?:x-)?ndjson|jsonl|json-seq|stream\+json|connect\+\w+)|multipart\/x-mixed-replace)\s*(?:;|$)/i;

/**
 * Reads what the header section of the API's final response says about the token. `in_trailers`: nothing yet, because
 * gRPC puts its status behind the body. `stream`: the API took it, for a connection that goes on: another protocol, or a
 * response that is a stream by its media type. Of a usual response it looks at nothing but `Content-Type`.
 */
export function readResponseHead(status: number, rawHeaders: RawFields): ResponseHead {
  if (status === 101) return 'stream';
  if (status === 401 || status === 403) {
    return readApiResponse({ status, wwwAuthenticate: fieldValue(rawHeaders, 'www-authenticate') });
  }
  if (status < 200 || status > 299) return readApiResponse({ status });
  const contentType = fieldValue(rawHeaders, 'content-type');
  if (!isGrpc(contentType)) return isStream(contentType) ? 'stream' : 'taken';
  const grpcStatus = fieldValue(rawHeaders, 'grpc-status');
  return grpcStatus === undefined ? 'in_trailers' : readApiResponse({ status, contentType, grpcStatus });
}

function isStream(contentType: string | undefined): boolean {
  return contentType !== undefined && STREAM.test(contentType);
}

/** Reads what the trailers of a gRPC response say about the token. */
export function readGrpcTrailers(rawTrailers: RawFields | null): ApiVerdict {
  if (rawTrailers === null || rawTrailers.length === 0) return 'unclear';
  const grpcStatus = fieldValue(rawTrailers, 'grpc-status');
  return readApiResponse({ status: 200, contentType: 'application/grpc', grpcStatus });
}
