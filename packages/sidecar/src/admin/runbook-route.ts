import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { RUNBOOKS } from '@crossfade/core';
import type { FastifyInstance } from 'fastify';

/** The package ships the pages; in the repository they lie at its root. The same from `src` and from `dist`. */
const FOLDERS = ['../../runbooks/', '../../../../runbooks/'].map((path) => new URL(path, import.meta.url));

/** Adds `/runbooks/<name>`: a procedure as text, for the operator that the page sends there. Serves the named pages alone. */
export function addRunbookRoute(app: FastifyInstance): void {
  const folder = FOLDERS.find((path) => existsSync(path));
  app.get<{ Params: { name: string } }>('/runbooks/:name', async ({ params }, reply) => {
    const name = RUNBOOKS.find((known) => known === params.name);
    if (name === undefined || folder === undefined) return reply.callNotFound();
    return reply.type('text/plain; charset=utf-8').send(await readFile(new URL(`${name}.md`, folder), 'utf8'));
  });
}
