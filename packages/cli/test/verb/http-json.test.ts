import { Readable } from 'node:stream';
import Fastify from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { displayUrl, getJson } from '../../src/verb/http-json.ts';

const open = new AbortController().signal;

function endless(): Readable {
  const piece = Buffer.alloc(1024 * 1024, ' ');
  return new Readable({
    read() {
      this.push(piece);
    },
  });
}

async function startServer() {
  const app = Fastify({ forceCloseConnections: true });
  onTestFinished(() => app.close());
  app.get('/json', () => ({ fine: true }));
  app.get('/text', () => 'secret words');
  app.get('/moved', (_request, reply) => reply.redirect('/json'));
  app.get('/broken', (_request, reply) => reply.code(503).send({ secret: true }));
  app.get('/endless', (_request, reply) => reply.type('application/json').send(endless()));
  app.get('/hangs', () => new Promise(() => undefined));
  return app.listen({ host: '127.0.0.1', port: 0 });
}

it('returns the JSON body and the time of the server', async () => {
  const url = await startServer();
  expect(await getJson(`${url}/json`, open)).toEqual({ body: { fine: true }, dateMs: expect.any(Number) });
});

it.each([
  ['/text', 'did not return JSON'],
  ['/moved', 'responded with 302'],
  ['/broken', 'responded with 503'],
  ['/endless', 'returned more than 32 MiB'],
])('says why the response of %s is unusable, without quoting it', async (path, message) => {
  await expect(getJson(`${await startServer()}${path}`, open)).rejects.toThrow(new RegExp(`^${message}$`));
});

it('ends when the caller aborts', async () => {
  const url = await startServer();
  const interrupt = new AbortController();
  const response = getJson(`${url}/hangs`, interrupt.signal);
  interrupt.abort();
  await expect(response).rejects.toThrow('was interrupted');
});

it('shows a URL without its credentials and query', () => {
  expect(displayUrl('https://user:secret@prometheus.example.com/mimir/?token=secret')).toBe(
    'https://prometheus.example.com/mimir',
  );
});
