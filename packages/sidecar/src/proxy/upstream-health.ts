import { constants } from 'node:http2';
import { type Clock, errorCode } from '@crossfade/core';
import { NOT_HTTP1, problemOf } from '../http/problem.ts';
import { NOT_HTTP2 } from './http2-upstream-session.ts';

/** Why requests fail at the API. Holds no URL, no header and no byte of a message. */
export interface UpstreamFailure {
  /** The system's or TLS's error code; else `timeout`, `invalid_response`, or `stream_reset`. */
  readonly code: string;
  /** What the operator may have to change; absent: not known. */
  readonly hint?: string;
}

/** What has failed at the API since the start. */
export interface UpstreamFailures {
  /** Requests that got 502 or 504, or whose response was cut off. */
  readonly failures: number;
  /** `null` for never. */
  readonly lastMs: number | null;
  readonly lastCode: string | null;
}

/** Whether the API responds. While it does, a response costs the look at `isFailing`, and no more. */
export interface UpstreamHealth {
  /** A request failed, and the API has not responded for long enough since. */
  readonly isFailing: boolean;
  /** Notes a request that failed at the API. Others, such as one that cannot be written, are left out. */
  failed(error: Error): void;
  /** Notes a response. Needs to be called while the API is failing only. */
  responded(): void;
  read(): UpstreamFailures;
}

export interface UpstreamHealthEvents {
  onFailing(failure: UpstreamFailure): void;
  /** @param forMs since the first failure. @param failures how many there were. */
  onResponding(forMs: number, failures: number): void;
}

/**
 * How long no request may have failed before a response ends the failure: an API with every second instance down
 * must not fill the log.
 */
const QUIET_MS = 10_000;

export function createUpstreamHealth(now: Clock, { onFailing, onResponding }: UpstreamHealthEvents): UpstreamHealth {
  let failures = 0;
  let failuresBefore = 0;
  let sinceMs = 0;
  let lastMs: number | null = null;
  let lastCode: string | null = null;
  const health = {
    isFailing: false,
    failed(error: Error) {
      const failure = upstreamFailure(error);
      if (failure === undefined) return;
      lastMs = now();
      lastCode = failure.code;
      failures += 1;
      if (health.isFailing) return;
      health.isFailing = true;
      sinceMs = lastMs;
      failuresBefore = failures - 1;
      onFailing(failure);
    },
    responded() {
      const nowMs = now();
      if (!health.isFailing || nowMs - (lastMs ?? 0) < QUIET_MS) return;
      health.isFailing = false;
      onResponding(nowMs - sinceMs, failures - failuresBefore);
    },
    read: () => ({ failures, lastMs, lastCode }),
  };
  return health;
}

const SPEAKS_HTTP2 = 'the API does not speak HTTP/1.1; does it speak HTTP/2 (sidecar.upstreamProtocol: h2)?';
const SPEAKS_HTTP1 =
  'the API does not speak HTTP/2, although sidecar.upstreamProtocol is h2: set it to http1, or let the API accept HTTP/2';

/**
 * An API that requires another protocol in its TLS handshake (RFC 7301 §3.2), in OpenSSL's words; and one whose first bytes
 * are no status line, in the parser's.
 */
const NO_HTTP1: ReadonlySet<string> = new Set([
  NOT_HTTP1,
  'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL',
  'HPE_INVALID_CONSTANT',
]);
const SYMBOL = /^[A-Z][A-Z0-9_]*$/;

/** Tells why a request failed at the API; `undefined` if it is not the API that failed. */
function upstreamFailure(error: Error): UpstreamFailure | undefined {
  const { status } = problemOf(error);
  const { rstCode } = error as Error & { readonly rstCode?: number };
  // An API that works may cancel a stream, as gRPC servers do.
  if (rstCode === constants.NGHTTP2_CANCEL || (status !== 502 && status !== 504)) return undefined;
  if (rstCode !== undefined) return { code: 'stream_reset' };
  const code = errorCode(error);
  if (code === 'ETIMEDOUT') return { code: 'timeout' };
  if (code === NOT_HTTP2) return { code, hint: SPEAKS_HTTP1 };
  if (code !== undefined && NO_HTTP1.has(code)) return { code: NOT_HTTP1, hint: SPEAKS_HTTP2 };
  if (code === undefined || !SYMBOL.test(code)) return { code: 'invalid_response' };
  return { code: code.startsWith('HPE_') ? 'invalid_response' : code };
}
