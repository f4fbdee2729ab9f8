import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface OrdersProcesses {
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

/** Nothing but the switch for the AWS SDK's warning on Node 20. */
const ENVIRONMENT = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
const PROGRAM = fileURLToPath(new URL('./orders-server.js', import.meta.url));

/** Starts one API process for each URL. */
export async function startOrdersProcesses(
  planPath: string,
  release: 'both' | 'legacy-only',
  urls: readonly string[],
): Promise<OrdersProcesses> {
  const children = urls.map((url) => fork(PROGRAM, [planPath, release, new URL(url).port], { env: ENVIRONMENT }));
  const stop = async (): Promise<void> => void (await Promise.all(children.map(end)));
  try {
    await Promise.all(children.map(isListening));
  } catch (error) {
    await stop();
    throw error;
  }
  return { pids: children.flatMap(({ pid }) => pid ?? []), stop };
}

async function isListening(child: ChildProcess): Promise<void> {
  const [exitCode] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  if (exitCode !== 'listening') throw new Error(`an API process exited with ${exitCode} before it listened`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
