import { setTimeout as delay } from 'node:timers/promises';
import { UnavailableError } from '@crossfade/core';
import { Agent, request } from 'undici';

interface ApiResponse {
  readonly status: number;
  readonly body: string;
}

/** The load balancer in front of the sidecars: round robin with retries. */
export interface LoadBalancer {
  /**
   * Sends a GET with the bearer token. An unreachable instance is avoided for a moment and the request goes to another
   * one; a response is returned whatever its status.
   * @throws {@link UnavailableError} when no instance can be reached.
   */
  get(path: string, token: string): Promise<ApiResponse>;
  /** Sends no more requests to an instance, and resolves when none is in flight to it. */
  takeOut(instance: string): Promise<void>;
  putBack(instance: string): void;
  close(): Promise<void>;
}

const TIMEOUT_MS = 5000;
const AVOID_MS = 250;
const RETRY_AFTER_MS = 50;

interface Instance {
  readonly url: string;
  isOut: boolean;
  avoidedUntilMs: number;
  inFlight: number;
  onIdle: (() => void) | undefined;
}

export function createLoadBalancer(urls: readonly string[], timeoutMs = TIMEOUT_MS): LoadBalancer {
  const dispatcher = new Agent({ headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
  const instances = urls.map(
    (url): Instance => ({ url, isOut: false, avoidedUntilMs: 0, inFlight: 0, onIdle: undefined }),
  );
  let turn = 0;

  const choose = (): Instance | undefined => {
    const serving = instances.filter(({ isOut }) => !isOut);
    const now = performance.now();
    const healthy = serving.filter(({ avoidedUntilMs }) => avoidedUntilMs <= now);
    const candidates = healthy.length > 0 ? healthy : serving;
    turn += 1;
    return candidates[turn % candidates.length];
  };

  const send = async (instance: Instance, path: string, token: string): Promise<ApiResponse> => {
    instance.inFlight += 1;
    try {
      const headers = { authorization: `Bearer ${token}` };
      const { statusCode, body } = await request(`${instance.url}${path}`, { dispatcher, headers });
      return { status: statusCode, body: await body.text() };
    } finally {
      instance.inFlight -= 1;
      if (instance.inFlight === 0) instance.onIdle?.();
    }
  };

  return {
    async get(path, token) {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        const instance = choose();
        try {
          if (instance !== undefined) return await send(instance, path, token);
        } catch (error) {
          if (performance.now() > deadline)
            throw new UnavailableError('no API instance can be reached', { cause: error });
          if (instance !== undefined) instance.avoidedUntilMs = performance.now() + AVOID_MS;
        }
        if (performance.now() > deadline) throw new UnavailableError('no API instance is in service');
        await delay(RETRY_AFTER_MS);
      }
    },
    async takeOut(url) {
      const instance = find(instances, url);
      instance.isOut = true;
      if (instance.inFlight === 0) return;
      await new Promise<void>((resolve) => {
        instance.onIdle = resolve;
      });
      instance.onIdle = undefined;
    },
    putBack(url) {
      find(instances, url).isOut = false;
    },
    close: () => dispatcher.close(),
  };
}

function find(instances: readonly Instance[], url: string): Instance {
  const instance = instances.find((candidate) => candidate.url === url);
  if (instance === undefined) throw new Error(`${url} is not behind this load balancer`);
  return instance;
}
