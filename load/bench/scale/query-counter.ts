import { createServer } from 'node:http';

/** One query that went through, and its answer. */
export interface CountedQuery {
  readonly query: string;
  /** By `performance.now()`. */
  readonly startedMs: number;
  readonly tookMs: number;
  readonly series: number;
}

/** A proxy in front of Prometheus that notes each query: how long it took, and how many series came back. */
export interface QueryCounter {
  readonly url: string;
  /** Returns the queries since the last call. */
  take(): readonly CountedQuery[];
  stop(): void;
}

export async function startQueryCounter(prometheusUrl: string): Promise<QueryCounter> {
  let queries: CountedQuery[] = [];
  const server = createServer((request, response) => {
    const startedMs = performance.now();
    fetch(`${prometheusUrl}${request.url}`)
      .then(async (answer) => {
        const body = await answer.text();
        const query = new URL(request.url ?? '/', prometheusUrl).searchParams.get('query');
        const { data } = JSON.parse(body) as { data?: { result?: readonly unknown[] } };
        if (query !== null)
          queries.push({ query, startedMs, tookMs: performance.now() - startedMs, series: data?.result?.length ?? 0 });
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(body);
      })
      .catch(() => response.writeHead(502).end());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    take() {
      const taken = queries;
      queries = [];
      return taken;
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
