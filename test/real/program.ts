import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

export interface ProgramOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Resolves to whether the program is ready. May reject while it is not. */
  readonly ready: () => Promise<boolean>;
}

/** A program that runs until it is stopped. */
export interface Program {
  readonly pid: number;
  /** Returns the end of its output, of both streams. */
  output(): string;
  /** Sends a signal, and waits for the exit. Does nothing after the exit. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const READY_TIMEOUT_MS = 60_000;

/**
 * Starts a program and waits until it is ready. It gets PATH, HOME and `env` only, and is killed when this process exits.
 * @throws when it exits before it is ready, with the end of its output.
 */
export async function startProgram(
  command: string,
  args: readonly string[],
  { cwd, env = {}, ready }: ProgramOptions,
): Promise<Program> {
  const path = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' };
  const child = spawn(command, args, { cwd, env: { ...path, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = `${output}${text}`.slice(-8_000);
    });
  }
  let failure: Error | undefined;
  child.once('error', (error) => {
    failure = error;
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));

  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (hasExited(child) || failure !== undefined) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  while (!(await ready().catch(() => false))) {
    if (failure !== undefined || hasExited(child)) {
      throw new Error(`${command} exited before it was ready: ${failure?.message ?? output}`);
    }
    if (performance.now() > deadlineMs) {
      await stop('SIGKILL');
      throw new Error(`${command} is not ready after ${READY_TIMEOUT_MS / 1000} s: ${output}`);
    }
    await delay(20);
  }
  return { pid: child.pid ?? 0, output: () => output, stop };
}

function hasExited({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
