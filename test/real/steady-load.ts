import { Agent, request } from 'node:http';

export interface LoadOptions {
  readonly url: string;
  readonly perSecond: number;
  readonly tokens: readonly string[];
  /** The one right answer. */
  readonly body: string;
}

export interface LoadReport {
  readonly requests: number;
  /** What was wrong with each request that did not get the right answer. */
  readonly failures: readonly string[];
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
}

/** Requests that come when they come, however long the answers take; but never more under way than a machine bears. */
export interface SteadyLoad {
  /** Waits for the answers to what is under way now, while more is sent. */
  answered(): Promise<void>;
  /** Sends no more, and waits for what is under way. */
  stop(): Promise<LoadReport>;
}

const TICK_MS = 5;
const MAX_UNDER_WAY = 100;
const PATIENCE_MS = 30_000;
/** All of them can be asked twice (RFC 9110 §9.2.2). */
const METHODS = ['GET', 'GET', 'PUT', 'GET', 'DELETE'] as const;

/** Sends idempotent requests with each token in turn, over kept connections, and never asks twice itself. */
export function startSteadyLoad({ url, perSecond, tokens, body }: LoadOptions): SteadyLoad {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_UNDER_WAY });
  const startedMs = performance.now();
  const underWay = new Set<Promise<void>>();
  const failures: string[] = [];
  const tookMs: number[] = [];
  let sent = 0;
  let withheld = 0;

  const send = async (index: number) => {
    const method = METHODS[index % METHODS.length] ?? 'GET';
    const authorization = `Bearer ${tokens[index % tokens.length]}`;
    const sentMs = performance.now();
    const failure = await problemOf({ url, method, authorization, agent, body });
    tookMs.push(performance.now() - sentMs);
    if (failure !== undefined) failures.push(`${method}: ${failure}`);
  };
  const tick = setInterval(() => {
    const due = Math.floor(((performance.now() - startedMs) * perSecond) / 1000) - withheld;
    for (; sent < due; sent += 1) {
      if (underWay.size >= MAX_UNDER_WAY) {
        withheld += due - sent;
        break;
      }
      const one = send(sent).finally(() => underWay.delete(one));
      underWay.add(one);
    }
  }, TICK_MS);

  return {
    answered: async () => void (await Promise.all(underWay)),
    async stop() {
      clearInterval(tick);
      const elapsedMs = performance.now() - startedMs;
      await Promise.all(underWay);
      agent.destroy();
      const sorted = tookMs.toSorted((one, other) => one - other);
      const quantile = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
      return {
        requests: sent,
        failures,
        perSecond: (sent * 1000) / elapsedMs,
        p50Ms: quantile(0.5),
        p99Ms: quantile(0.99),
        longestMs: quantile(1),
      };
    },
  };
}

/** For a test's output. */
export function describeLoad({ requests, failures, perSecond, p50Ms, p99Ms, longestMs }: LoadReport): string {
  const latency = [p50Ms, p99Ms, longestMs].map((ms) => ms.toFixed(1)).join(' / ');
  return `${requests} requests at ${perSecond.toFixed(0)}/s, ${failures.length} failed; p50 / p99 / longest ${latency} ms`;
}

interface OneRequest extends Pick<LoadOptions, 'url' | 'body'> {
  readonly method: string;
  readonly authorization: string;
  readonly agent: Agent;
}

function problemOf({ url, method, authorization, agent, body }: OneRequest): Promise<string | undefined> {
  return new Promise((resolve) => {
    const outgoing = request(url, { method, agent, headers: { authorization }, timeout: PATIENCE_MS });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
    outgoing.on('error', (error) => resolve(error.message));
    outgoing.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', (error) => resolve(error.message));
      response.on('end', () => {
        const isRight = response.statusCode === 200 && text === body;
        resolve(isRight ? undefined : `${response.statusCode} with ${text.length} characters`);
      });
    });
    outgoing.end(method === 'PUT' ? 'an order' : undefined);
  });
}
