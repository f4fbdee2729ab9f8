import { Agent, request as httpRequest } from 'node:http';
import { errorCode } from '@crossfade/core';
import { JUDGEMENT_BATCH_MEDIA_TYPE } from './judgement-batch.ts';
import type { CollectorAddress } from './sender-options.ts';

/**
 * How a delivery ended. `refused`: the collector will never accept this batch. `not_counted`: it did not accept it this
 * time. `unknown`: it may or may not have counted it.
 */
export type Delivery =
  | { readonly end: 'counted' }
  | { readonly end: 'refused' | 'not_counted' | 'unknown'; readonly problem: string };

/** Posts batches to a collector over one keep-alive connection. */
export interface CollectorTransport {
  /** Never rejects. Keeps the process alive only with `holdsProcess`. */
  deliver(body: string, limits: { readonly timeoutMs: number; readonly holdsProcess: boolean }): Promise<Delivery>;
  close(): void;
}

const REFUSALS: ReadonlySet<number> = new Set([400, 413, 415]);
/** Statuses of a collector that is full, or of another server. */
const NOT_COUNTED: ReadonlySet<number> = new Set([401, 403, 404, 405, 408, 429, 503]);
/** Errors before a connection exists, so the collector cannot have counted anything. */
const NOT_REACHED =
  /^(ECONNREFUSED|ENOENT|EACCES|EPERM|ENOTFOUND|ENOTSOCK|EAI_AGAIN|EADDRNOTAVAIL|EHOSTUNREACH|ENETUNREACH)$/;

export function createCollectorTransport(address: CollectorAddress): CollectorTransport {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    deliver(body, { timeoutMs, holdsProcess }) {
      return new Promise((resolve) => {
        const request = httpRequest({
          ...address,
          agent,
          method: 'POST',
          headers: { 'content-type': JUDGEMENT_BATCH_MEDIA_TYPE, 'content-length': Buffer.byteLength(body) },
        });
        const timer = setTimeout(() => request.destroy(new Error(`no response in ${timeoutMs} ms`)), timeoutMs);
        const end = (delivery: Delivery) => {
          clearTimeout(timer);
          resolve(delivery);
        };
        if (!holdsProcess) timer.unref();
        request.on('socket', (socket) => (holdsProcess ? socket.ref() : socket.unref()));
        request.on('error', (error) => end(failure(error)));
        request.on('response', (response) => {
          const { statusCode: status = 0 } = response;
          // Read to the end to free the connection. A truncated response still has its status.
          response.resume().on('close', () => end(deliveryOf(status)));
        });
        request.end(body);
      });
    },
    close: () => agent.destroy(),
  };
}

function deliveryOf(status: number): Delivery {
  if (status >= 200 && status < 300) return { end: 'counted' };
  const problem = `the collector answered ${status}`;
  if (REFUSALS.has(status)) return { end: 'refused', problem };
  return { end: NOT_COUNTED.has(status) ? 'not_counted' : 'unknown', problem };
}

function failure(error: Error): Delivery {
  const code = errorCode(error);
  const problem = `the collector cannot be reached: ${code ?? error.message}`;
  return { end: code !== undefined && NOT_REACHED.test(code) ? 'not_counted' : 'unknown', problem };
}
