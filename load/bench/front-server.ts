import { createServer } from 'node:http';
import httpProxyPlugin from '@fastify/http-proxy';
import replyFrom from '@fastify/reply-from';
import fastify from 'fastify';
import httpProxy from 'http-proxy';

/** Runs one server of the benchmarks in a separate process, and sends its URL to the parent process. */
const [kind, upstream = ''] = process.argv.slice(2);
const HOST = '127.0.0.1';

async function listen(): Promise<string> {
  switch (kind) {
    case 'node:http 204':
      return listenPlain(createServer((_request, response) => response.writeHead(204).end()));
    case 'http-proxy': {
      const { Agent } = await import('node:http');
      const proxy = httpProxy.createProxyServer({ target: upstream, agent: new Agent({ keepAlive: true }) });
      return listenPlain(createServer((request, response) => proxy.web(request, response)));
    }
    case '@fastify/http-proxy': {
      const app = fastify();
      await app.register(httpProxyPlugin, { upstream, undici: { connections: 128 } });
      return app.listen({ host: HOST, port: 0 });
    }
    case '@fastify/reply-from': {
      const app = fastify();
      await app.register(replyFrom, { base: upstream, undici: { connections: 128 } });
      app.all('/*', (request, reply) => reply.from(request.url));
      return app.listen({ host: HOST, port: 0 });
    }
    default:
      throw new Error(`unknown kind of server: ${kind}`);
  }
}

function listenPlain(server: ReturnType<typeof createServer>): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, HOST, () => {
      const address = server.address();
      resolve(typeof address === 'object' ? `http://${HOST}:${address?.port}` : '');
    });
  });
}

process.send?.({ url: await listen() });
process.on('disconnect', () => process.exit());
