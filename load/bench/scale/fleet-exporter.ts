import { createServer, type Server } from 'node:http';

/** Many instances that show what one real sidecar shows, each under its own name and process. */
export interface FleetExporter {
  /** The `host:port` that Prometheus scrapes. */
  readonly address: string;
  /** The paths that Prometheus scrapes, each with some of the instances. */
  readonly paths: readonly string[];
  stop(): void;
}

/** One scrape of so many instances: a fleet of real ones is scraped piece by piece, too. */
const INSTANCES_A_SCRAPE = 250;
const JOB = 'crossfade';

/**
 * Serves the metrics of `count` instances: those of the sidecar at `adminUrl` as it shows them now, with labels `job` and
 * `instance` of their own (scrape with `honor_labels`) and an id of the process for each.
 */
export async function startFleetExporter(adminUrl: string, count: number): Promise<FleetExporter> {
  const server = createServer((request, response) => {
    const first = Number(request.url?.slice(1)) * INSTANCES_A_SCRAPE;
    writeInstances(adminUrl, first, Math.min(first + INSTANCES_A_SCRAPE, count)).then(
      (text) => response.setHeader('content-type', 'text/plain; version=0.0.4').end(text),
      () => response.writeHead(503).end(),
    );
  });
  await listen(server);
  const address = server.address();
  return {
    address: `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    paths: Array.from({ length: Math.ceil(count / INSTANCES_A_SCRAPE) }, (_, index) => `/${index}`),
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function writeInstances(adminUrl: string, from: number, to: number): Promise<string> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const parts = lines.map((line) => {
    const brace = line.indexOf('{') + 1;
    return [line.slice(0, brace), line.slice(brace)] as const;
  });
  const instances: string[] = [];
  for (let instance = from; instance < to; instance += 1) {
    const own = `job="${JOB}",instance="${nameOf(instance)}",`;
    for (const [name, rest] of parts)
      instances.push(`${name}${own}${rest.replace(/process="[^"]*"/, `process="run-${instance}"`)}\n`);
  }
  return instances.join('');
}

function nameOf(instance: number): string {
  return `10.0.${instance >> 8}.${instance & 255}:9465`;
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
}
