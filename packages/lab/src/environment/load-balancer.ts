import { setTimeout as delay } from 'node:timers/promises';
import { UnavailableError } from '@crossfade/core';
import { Agent, request } from 'undici';

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** What stands in front of the sidecars, as in any deployment that means to restart one: round robin with retries. */
export interface LoadBalancer {
  /**
   * Sends a GET with the bearer token. An instance that can't be reached is left alone for a moment and another one
   * asked; an answer, whatever its status, is an answer.
   * @throws {@link UnavailableError} when no instance could be reached.
   */
  get(path: string, token: string): Promise<Answer>;
  /** Sends nothing more to an instance, and resolves when nothing is under way to it. */
  takeOut(instance: string): Promise<void>;
  putBack(instance: string): void;
  close(): Promise<void>;
}

const PATIENCE_MS = 5000;
const SHUN_MS = 250;
const RETRY_AFTER_MS = 50;

interface Instance {
  readonly url: string;
  isOut: boolean;
  shunnedUntilMs: number;
  underWay: number;
  onIdle: (() => void) | undefined;
}

export function createLoadBalancer(urls: readonly string[], patienceMs = PATIENCE_MS): LoadBalancer {
  const dispatcher = new Agent({ headersTimeout: patienceMs, bodyTimeout: patienceMs });
  const instances = urls.map(
    (url): Instance => ({ url, isOut: false, shunnedUntilMs: 0, underWay: 0, onIdle: undefined }),
  );
  let turn = 0;

  const choose = (): Instance | undefined => {
    const serving = instances.filter(({ isOut }) => !isOut);
    const now = performance.now();
    const healthy = serving.filter(({ shunnedUntilMs }) => shunnedUntilMs <= now);
    const candidates = healthy.length > 0 ? healthy : serving;
    turn += 1;
    return candidates[turn % candidates.length];
  };

  const ask = async (instance: Instance, path: string, token: string): Promise<Answer> => {
    instance.underWay += 1;
    try {
      const headers = { authorization: `Bearer ${token}` };
      const { statusCode, body } = await request(`${instance.url}${path}`, { dispatcher, headers });
      return { status: statusCode, body: await body.text() };
    } finally {
      instance.underWay -= 1;
      if (instance.underWay === 0) instance.onIdle?.();
    }
  };

  return {
    async get(path, token) {
      const deadline = performance.now() + patienceMs;
      for (;;) {
        const instance = choose();
        try {
          if (instance !== undefined) return await ask(instance, path, token);
        } catch (error) {
          if (performance.now() > deadline)
            throw new UnavailableError('no instance of the API can be reached', { cause: error });
          if (instance !== undefined) instance.shunnedUntilMs = performance.now() + SHUN_MS;
        }
        if (performance.now() > deadline) throw new UnavailableError('no instance of the API is in service');
        await delay(RETRY_AFTER_MS);
      }
    },
    async takeOut(url) {
      const instance = find(instances, url);
      instance.isOut = true;
      if (instance.underWay === 0) return;
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
