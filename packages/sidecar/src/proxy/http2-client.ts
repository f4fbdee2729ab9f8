import type { OutgoingHttpHeaders } from 'node:http2';
import { http2Fields } from '../http2/http2-fields.ts';
import { startHttp2Exchange } from './http2-exchange.ts';
import { createSessionPool } from './http2-session-pool.ts';
import type { ConnectUpstream } from './upstream-connector.ts';
import type { UpstreamClient, UpstreamRequest } from './upstream-handler.ts';

interface Http2ClientOptions {
  readonly connect: ConnectUpstream;
  /** The `:authority` of a request without `Host`. */
  readonly authority: string;
  readonly scheme: 'http' | 'https';
  /** How long the API may take to begin its response. */
  readonly responseTimeoutMs: number;
}

/** A change of protocols: HTTP/2 has no `Upgrade` (RFC 9113 §8.6). */
const UPGRADE_NOT_SUPPORTED = 'ERR_UPGRADE_NOT_SUPPORTED';

/** Sends requests over HTTP/2, many at a time on a few connections. */
export function createHttp2Client(options: Http2ClientOptions): UpstreamClient {
  const { authority, scheme, responseTimeoutMs } = options;
  const pool = createSessionPool(options);
  return {
    send(request, handler) {
      if (request.upgrade !== undefined) {
        handler.onConnect(() => {});
        const error = new Error('HTTP/2 has no Upgrade');
        process.nextTick(() => handler.onError(Object.assign(error, { code: UPGRADE_NOT_SUPPORTED })));
        return;
      }
      const fields = requestFields(request, { authority, scheme });
      handler.onConnect(startHttp2Exchange({ request, fields, handler, pool, responseTimeoutMs }));
    },
    async close() {
      pool.close();
    },
  };
}

/** The header section of a request: `:authority` replaces `Host` (RFC 9113 §8.3.1). */
function requestFields(
  request: UpstreamRequest,
  { authority, scheme }: Pick<Http2ClientOptions, 'authority' | 'scheme'>,
): OutgoingHttpHeaders {
  const { host = authority, ...fields } = http2Fields(request.headers);
  return {
    ':method': request.method,
    ':scheme': scheme,
    ':authority': host,
    ':path': request.path,
    ...fields,
    ...(request.expectsContinue && { expect: '100-continue' }),
  };
}
