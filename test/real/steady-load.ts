import { Agent, request } from 'node:http';

export interface LoadOptions {
  readonly url: string;
  readonly perSecond: number;
  readonly tokens: readonly string[];
  /** The expected response body. */
  readonly body: string;
}

export interface LoadReport {
  readonly requests: number;
  /** One description for each request that did not get the expected response. */
  readonly failures: readonly string[];
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
}

/** Requests at a fixed rate, independent of response times, with a limit of requests in flight. */
export interface SteadyLoad {
  /** Waits for the responses to the requests in flight now, while more are sent. */
  settled(): Promise<void>;
  /** Stops sending, and waits for the requests in flight. */
  stop(): Promise<LoadReport>;
}

const TICK_MS = 5;
const MAX_IN_FLIGHT = 100;
const TIMEOUT_MS = 30_000;
/** Idempotent ones only (RFC 9110 §9.2.2). */
const METHODS = ['GET', 'GET', 'PUT', 'GET', 'DELETE'] as const;

/** Sends idempotent requests with each token in turn, over keep-alive connections, without retries of its own. */
export function startSteadyLoad({ url, perSecond, tokens, body }: LoadOptions): SteadyLoad {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_IN_FLIGHT });
  const startedMs = performance.now();
  const inFlight = new Set<Promise<void>>();
  const failures: string[] = [];
  const tookMs: number[] = [];
  let sent = 0;
  let skipped = 0;

  const send = async (index: number) => {
    const method = METHODS[index % METHODS.length] ?? 'GET';
    const authorization = `Bearer ${tokens[index % tokens.length]}`;
    const sentMs = performance.now();
    const failure = await failureOf({ url, method, authorization, agent, body });
    tookMs.push(performance.now() - sentMs);
    if (failure !== undefined) failures.push(`${method}: ${failure}`);
  };
  const tick = setInterval(() => {
    const due = Math.floor(((performance.now() - startedMs) * perSecond) / 1000) - skipped;
    for (; sent < due; sent += 1) {
      if (inFlight.size >= MAX_IN_FLIGHT) {
        skipped += due - sent;
        break;
      }
      const one = send(sent).finally(() => inFlight.delete(one));
      inFlight.add(one);
    }
  }, TICK_MS);

  return {
    settled: async () => void (await Promise.all(inFlight)),
    async stop() {
      clearInterval(tick);
      const elapsedMs = performance.now() - startedMs;
      await Promise.all(inFlight);
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

/** Formats a report for the output of a test. */
export function describeLoad({ requests, failures, perSecond, p50Ms, p99Ms, longestMs }: LoadReport): string {
  const latency = [p50Ms, p99Ms, longestMs].map((ms) => ms.toFixed(1)).join(' / ');
  return `${requests} requests at ${perSecond.toFixed(0)}/s, ${failures.length} failed; p50 / p99 / longest ${latency} ms`;
}

interface OneRequest extends Pick<LoadOptions, 'url' | 'body'> {
  readonly method: string;
  readonly authorization: string;
  readonly agent: Agent;
}

function failureOf({ url, method, authorization, agent, body }: OneRequest): Promise<string | undefined> {
  return new Promise((resolve) => {
    const outgoing = request(url, { method, agent, headers: { authorization }, timeout: TIMEOUT_MS });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no response within ${TIMEOUT_MS / 1000} s`)));
    outgoing.on('error', (error) => resolve(error.message));
    outgoing.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', (error) => resolve(error.message));
      response.on('end', () => {
        const isExpected = response.statusCode === 200 && text === body;
        resolve(isExpected ? undefined : `${response.statusCode} with ${text.length} characters`);
      });
    });
    outgoing.end(method === 'PUT' ? 'an order' : undefined);
  });
}
