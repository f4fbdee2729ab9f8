import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { issuanceSwitch } from '@crossfade/core';
import type { Lab } from '@crossfade/lab';
import { createSelector } from '@crossfade/selector';
import { MOVES, type Move } from './moves.ts';
import { type SlowClients, sendSlowRequests } from './slow-clients.ts';

/** What k6 asks for while it runs: the side of a login, and the operator's moves. */
export interface Operator {
  readonly url: string;
  /** What was done so far. */
  readonly moves: readonly Move[];
  /** What the slow clients got; `undefined` before they ended. */
  slowClients(): SlowClients | undefined;
  close(): Promise<void>;
}

/** Serves on loopback: `GET /side?key=`, `POST /moves/<verb>`, `POST /slow-clients?ms=`. */
export async function startOperator(lab: Lab): Promise<Operator> {
  const [flags] = lab.loginFlags;
  if (flags === undefined) throw new Error('the lab must have a flag source for logins');
  const selector = createSelector({ plan: lab.plan, issuance: issuanceSwitch(flags) });
  const moves: Move[] = [];
  let slow: SlowClients | undefined;

  const serve = async (method: string, url: URL, response: ServerResponse): Promise<void> => {
    const verb = /^\/moves\/([a-z-]+)$/.exec(url.pathname)?.[1] ?? '';
    const make = MOVES[verb];
    if (url.pathname === '/side') {
      response.end(selector.select({ key: url.searchParams.get('key') ?? '' }).side);
    } else if (method === 'POST' && make !== undefined) {
      const move = await make(lab);
      moves.push(move);
      response.end(JSON.stringify(move));
    } else if (method === 'POST' && url.pathname === '/slow-clients') {
      const apis = lab.sidecars.map(({ dataUrl }) => dataUrl);
      slow = await sendSlowRequests(apis, Number(url.searchParams.get('ms')));
      response.end(JSON.stringify(slow));
    } else response.writeHead(404).end();
  };

  const server = createServer((request, response) => {
    serve(request.method ?? '', new URL(request.url ?? '', 'http://operator'), response).catch((error: Error) => {
      response.writeHead(500).end(error.message);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    moves,
    slowClients: () => slow,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
