import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Outcome {
  readonly requests: number;
  /** How often each outcome other than 200 was seen. */
  readonly failures: Readonly<Record<string, number>>;
}

/** Clients that send GET and POST, half of them over connections that they keep, and retry nothing. */
export interface Clients {
  sent(): number;
  stop(): Promise<Outcome>;
}

const PAUSE_MS = 20;

export function startClients(port: number, count: number): Clients {
  const agents: Agent[] = [];
  const failures: Record<string, number> = {};
  let requests = 0;
  let isRunning = true;
  const work = async (index: number) => {
    const agent = new Agent({ keepAlive: index % 2 === 0, maxSockets: 1 });
    agents.push(agent);
    for (let turn = index; isRunning; turn += 1) {
      const outcome = await send(port, turn % 4 < 2 ? 'GET' : 'POST', agent);
      requests += 1;
      if (outcome !== '200') failures[outcome] = (failures[outcome] ?? 0) + 1;
      await sleep(PAUSE_MS);
    }
  };
  const working = Promise.all(Array.from({ length: count }, (_, index) => work(index)));
  return {
    sent: () => requests,
    async stop() {
      isRunning = false;
      await working;
      for (const agent of agents) agent.destroy();
      return { requests, failures };
    },
  };
}

function send(port: number, method: string, agent: Agent): Promise<string> {
  return new Promise((resolve) => {
    const outgoing = request({ port, host: '127.0.0.1', method, path: '/orders', agent, timeout: 10_000 });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no response within 10 s')));
    outgoing.on('error', (error: NodeJS.ErrnoException) => resolve(`${method} ${error.code ?? error.message}`));
    outgoing.on('response', (response) => {
      response.on('error', (error) => resolve(`${method} ${error.message}`));
      response
        .resume()
        .on('end', () => resolve(response.statusCode === 200 ? '200' : `${method} ${response.statusCode}`));
    });
    outgoing.end(method === 'POST' ? 'an order' : undefined);
  });
}
