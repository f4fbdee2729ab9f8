import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

export interface ProgramOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it does its work already. May throw for "not yet". */
  readonly ready: () => Promise<boolean>;
}

/** A program that runs until it is stopped. */
export interface Program {
  readonly pid: number;
  /** What it said last, on both streams. */
  output(): string;
  /** Sends a signal, and waits for the end. Does nothing when it has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

const PATIENCE_MS = 60_000;

/**
 * Starts a program and waits until it is ready. It sees no environment but what it is given, and ends with this process.
 * @throws when it ends before, with its last words.
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
  const killIt = () => child.kill('SIGKILL');
  process.once('exit', killIt);
  child.once('exit', () => process.off('exit', killIt));

  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (hasEnded(child) || failure !== undefined) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!(await ready().catch(() => false))) {
    if (failure !== undefined || hasEnded(child)) {
      throw new Error(`${command} ended: ${failure?.message ?? output}`);
    }
    if (performance.now() > deadlineMs) {
      await stop('SIGKILL');
      throw new Error(`${command} is not ready after ${PATIENCE_MS / 1000} s: ${output}`);
    }
    await delay(20);
  }
  return { pid: child.pid ?? 0, output: () => output, stop };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
