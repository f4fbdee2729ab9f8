import { type DeployedCopy, deployedCopy } from './deployed-copy.ts';
import { loopbackPort } from './loopback-port.ts';
import { type Program, startProgram } from './program.ts';

/** A Prometheus with the shipped configuration and rules. */
export interface PrometheusProgram {
  readonly url: string;
  /** Evaluates an expression to the value of its one series; `undefined` for none. */
  value(promql: string): Promise<number | undefined>;
  stop(): Promise<void>;
  remove(): Promise<void>;
}

interface QueryResponse {
  readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

/**
 * Starts a Prometheus that scrapes one sidecar. Times are seconds instead of minutes or days: scrapes and rules run every
 * second, and the drain window and the refresh horizon are 3 s each.
 */
export async function startPrometheus(sidecar: { readonly adminPort: number }): Promise<PrometheusProgram> {
  const copy: DeployedCopy = deployedCopy('prometheus', {
    'sidecar:9464': `127.0.0.1:${sidecar.adminPort}`,
    'scrape_interval: 15s': 'scrape_interval: 1s',
    'evaluation_interval: 30s': 'evaluation_interval: 1s',
    ' interval: 30s': ' interval: 1s',
    '[5m]': '[5s]',
    'offset 5m': 'offset 5s',
    'vector(90005)': 'vector(3)',
    'vector(2595605)': 'vector(3)',
  });
  const port = await loopbackPort();
  const url = `http://127.0.0.1:${port}`;
  let program: Program;
  try {
    const args = [
      `--config.file=${copy.folder}/prometheus.yml`,
      `--storage.tsdb.path=${copy.folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ];
    program = await startProgram('prometheus', args, {
      cwd: copy.folder,
      ready: async () => (await fetch(`${url}/-/ready`)).ok,
    });
  } catch (error) {
    copy.remove();
    throw error;
  }
  return {
    url,
    async value(promql) {
      const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(promql)}`);
      const { data } = (await response.json()) as QueryResponse;
      if (data.result.length > 1) throw new Error(`${promql}: expected 1 series, found ${data.result.length}`);
      const [sample] = data.result;
      return sample === undefined ? undefined : Number(sample.value[1]);
    },
    stop: () => program.stop(),
    async remove() {
      await program.stop('SIGKILL');
      copy.remove();
    },
  };
}
