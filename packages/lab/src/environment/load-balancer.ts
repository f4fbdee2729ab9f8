import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, type Dispatcher, request } from 'undici';

/** The load balancer in front of the sidecars: round robin with retries, on a port of its own. */
export interface LoadBalancer {
  /** Its URL, with a slash at its end. An unreachable instance is avoided for a moment, and the request goes to another one. */
  readonly url: string;
  /** Sends no more requests to an instance, and resolves when none is in flight to it. */
  takeOut(instance: string): Promise<void>;
  putBack(instance: string): void;
  close(): Promise<void>;
}

/** The body of the 504 response when no API instance can be reached, retries included. */
export const UNREACHABLE = 'no API instance can be reached\n';

const TIMEOUT_MS = 5000;
const AVOID_MS = 250;
const RETRY_AFTER_MS = 50;
const FORWARDED = ['authorization', 'accept', 'origin', 'dpop'];
const RETURNED = ['content-type', 'www-authenticate', 'retry-after', 'cache-control', 'dpop-nonce'];

interface Instance {
  readonly url: string;
  isOut: boolean;
  avoidedUntilMs: number;
  inFlight: number;
  onIdle: (() => void) | undefined;
}

export interface LoadBalancerOptions {
  /** How long an unreachable API is tried for. Default 5 s. */
  readonly timeoutMs?: number;
  /** Called for every 401 that goes through. */
  readonly onUnauthorized?: () => void;
}

/** Starts a load balancer for GET requests, which is all that the clients of the lab send. */
export async function startLoadBalancer(
  urls: readonly string[],
  { timeoutMs = TIMEOUT_MS, onUnauthorized = () => {} }: LoadBalancerOptions = {},
): Promise<LoadBalancer> {
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

  const send = async (instance: Instance, incoming: IncomingMessage) => {
    instance.inFlight += 1;
    try {
      const headers = pick(incoming.headers, FORWARDED);
      const response = await request(`${instance.url}${incoming.url}`, { dispatcher, headers });
      if (response.statusCode === 401) onUnauthorized();
      return { response, body: await response.body.text() };
    } finally {
      instance.inFlight -= 1;
      if (instance.inFlight === 0) instance.onIdle?.();
    }
  };

  /** Resolves with `undefined` when no instance can be reached. */
  const forward = async (incoming: IncomingMessage): Promise<Awaited<ReturnType<typeof send>> | undefined> => {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const instance = choose();
      try {
        if (instance !== undefined) return await send(instance, incoming);
      } catch {
        if (instance !== undefined) instance.avoidedUntilMs = performance.now() + AVOID_MS;
      }
      if (performance.now() > deadline) return undefined;
      await delay(RETRY_AFTER_MS);
    }
  };

  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, outgoing) => {
    void forward(incoming).then((received) => respond(outgoing, received?.response, received?.body ?? UNREACHABLE));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
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
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await dispatcher.close();
    },
  };
}

function respond(outgoing: ServerResponse, response: Dispatcher.ResponseData | undefined, body: string): void {
  const headers = response === undefined ? { 'content-type': 'text/plain' } : pick(response.headers, RETURNED);
  outgoing.writeHead(response?.statusCode ?? 504, headers).end(body);
}

function pick(headers: IncomingHttpHeaders, names: readonly string[]): Record<string, string> {
  const found = names.map((name) => [name, headers[name]]).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(found) as Record<string, string>;
}

function find(instances: readonly Instance[], url: string): Instance {
  const instance = instances.find((candidate) => candidate.url === url);
  if (instance === undefined) throw new Error(`${url} is not behind this load balancer`);
  return instance;
}
