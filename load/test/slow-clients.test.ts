import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sendSlowRequests } from '../k6/lab/slow-clients.ts';

async function serve(status: number): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('sendSlowRequests', () => {
  it('counts a server that admits requests whose body never ends', async () => {
    const { sent, statuses, admitted } = await sendSlowRequests([await serve(200)], 300);
    expect(statuses).toEqual({ 200: 30, none: 10 });
    expect({ sent, admitted }).toEqual({ sent: 40, admitted: 30 });
  });

  it('counts a server that refuses them', async () => {
    expect(await sendSlowRequests([await serve(401)], 300)).toMatchObject({ statuses: { 401: 30 }, admitted: 0 });
  });
});
