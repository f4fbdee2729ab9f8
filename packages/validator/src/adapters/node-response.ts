import type { ServerResponse } from 'node:http';
import type { ApiResponse } from '@crossfade/core';
import type { ResponseObservation } from '../guard/request-meter.ts';

/** A header field of a response; those that were not set by the server's own means may be unknown to `node:http`. */
type ReadHeader = (name: string) => unknown;

/** The events of a response, complete or cut off. */
type WatchedResponse = Pick<ServerResponse, 'once' | 'headersSent' | 'statusCode'>;

/**
 * Observes a response until it is over: complete, or cut off after its header section. One without any says nothing, such as
 * that to a request which became a WebSocket.
 */
export function watchResponse(
  response: WatchedResponse,
  readHeader: ReadHeader,
  observation: ResponseObservation,
): void {
  const report = () => {
    if (response.headersSent) observation.responded(apiResponseOf(response.statusCode, readHeader));
  };
  response.once('finish', report);
  response.once('close', report);
}

function apiResponseOf(status: number, readHeader: ReadHeader): ApiResponse {
  return {
    status,
    contentType: textOf(readHeader('content-type')),
    grpcStatus: textOf(readHeader('grpc-status')),
    wwwAuthenticate: textOf(readHeader('www-authenticate')),
  };
}

/** Several values are joined with commas (RFC 9110 §5.3). */
function textOf(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : [value].flat().join(', ');
}
