import type { IncomingHttpHeaders } from 'node:http';
import { startLoopbackServer } from './loopback-server.ts';

/** A request as the API received it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface RecordingApi {
  readonly url: string;
  readonly port: number;
  /** Every complete request, in order of arrival. */
  readonly seen: SeenRequest[];
  close(): Promise<void>;
}

/** Starts an API that accepts and records every request. */
export async function startRecordingApi(): Promise<RecordingApi> {
  const seen: SeenRequest[] = [];
  const server = await startLoopbackServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
    response.setHeader('content-type', 'application/json').end('{"orders":[]}');
  });
  return { ...server, seen };
}

/** Returns the identity headers: each that an API, or a gateway in it, could read as `crossfade-*`. */
export function identityIn({ headers }: SeenRequest): Record<string, string | string[] | undefined> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => /^crossfade[^a-z0-9]/.test(name)));
}
