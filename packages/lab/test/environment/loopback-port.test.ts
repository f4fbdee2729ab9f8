import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { findLoopbackPorts } from '../../src/environment/loopback-port.ts';

describe('finding loopback ports', () => {
  it('finds as many different ports as asked, and each can be listened on', async () => {
    const ports = await findLoopbackPorts(7);
    expect(new Set(ports).size).toBe(7);
    for (const port of ports) {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, '127.0.0.1', resolve);
      });
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('stays below the ephemeral port range', async () => {
    for (const port of await findLoopbackPorts(20)) expect(port).toBeLessThan(32_768);
  });
});
