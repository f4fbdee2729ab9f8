import { once } from 'node:events';
import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { ConfigError } from '@crossfade/core';
import fastify, { type FastifyInstance } from 'fastify';
import type { Collector } from './collector.ts';
import { addJudgementsRoute } from './judgements-route.ts';

const UNIX = 'unix:';

/** The path of the Unix socket that `sidecar.listen` names; `undefined` where it names a port. */
export function socketPathOf(listen: string): string | undefined {
  return listen.startsWith(UNIX) ? listen.slice(UNIX.length) : undefined;
}

/**
 * Takes judgements at a Unix socket. Who may send is decided by the permissions of the socket and its folder: the
 * process's umask makes them.
 * @throws {@link ConfigError} when the path can't be listened on, or somebody else listens there.
 */
export async function listenForJudgements(path: string, collector: Pick<Collector, 'take'>): Promise<FastifyInstance> {
  const app = fastify({ forceCloseConnections: true, logger: false });
  addJudgementsRoute(app, collector);
  try {
    await removeLeftover(path);
    await app.listen({ path });
  } catch (error) {
    await app.close();
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    if (code === undefined) throw error;
    const message = code === 'EADDRINUSE' ? 'is in use already' : `can not be listened on (${code})`;
    throw new ConfigError('plan', [{ path: 'sidecar.listen', message: `${UNIX}${path} ${message}` }]);
  }
  return app;
}

/** A process that was killed leaves its socket behind, which nobody answers and nobody else can listen on. */
async function removeLeftover(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSocket() === true && !(await isAnswered(path))) await unlink(path);
}

async function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
