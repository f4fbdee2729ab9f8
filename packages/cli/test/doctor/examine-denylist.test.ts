import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { examineDenylist } from '../../src/doctor/examine-denylist.ts';

const PASSWORD = 'hunter2-secret';

/** A server that sends one reply of Redis to each command, or none. */
async function startServer(reply: string | undefined) {
  const server = createServer((socket) => {
    socket
      .on('error', () => {})
      .on('data', (bytes) => {
        const commands = bytes.toString('latin1').split(/^\*\d+\r\n/m).length - 1;
        if (reply !== undefined) socket.write(reply.repeat(commands));
      });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { host: `127.0.0.1:${port}`, url: `redis://crossfade:${PASSWORD}@127.0.0.1:${port}`, server };
}

it.each<[string, string | undefined, { readonly verdict: string; readonly detail: RegExp }]>([
  ['takes the credentials', '+OK\r\n', { verdict: 'pass', detail: /can be asked, by sub$/ }],
  [
    'refuses the password',
    '-WRONGPASS invalid hunter2-secret\r\n',
    { verdict: 'fail', detail: /cannot be asked: WRONGPASS$/ },
  ],
  ['does not reply', undefined, { verdict: 'fail', detail: /cannot be asked: no reply$/ }],
])('says where the denylist is, and prints no password, if Redis %s', async (_, reply, { verdict, detail }) => {
  const { host, url, server } = await startServer(reply);
  const finding = await examineDenylist({ redis: url, by: 'sub' });
  server.close();

  expect(finding).toMatchObject({ check: 'revocation', verdict, detail: expect.stringMatching(detail) });
  expect(finding.detail).toContain(host);
  expect(JSON.stringify(finding)).not.toContain('hunter2');
});

it('fails where nothing listens, and says what enforcing sidecars do', async () => {
  const { url, server } = await startServer(undefined);
  server.close();
  await once(server, 'close');

  expect(await examineDenylist({ redis: url, by: 'jti' })).toMatchObject({
    verdict: 'fail',
    detail: expect.stringMatching(/cannot be asked: ECONNREFUSED$/),
    remedy: expect.stringContaining('503'),
  });
});
