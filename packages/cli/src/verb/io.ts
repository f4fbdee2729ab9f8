import type { Clock } from '@crossfade/core';

/** Where text goes. `process.stdout` is one. */
export interface Output {
  write(text: string): unknown;
}

/** All that a verb may touch of the process it runs in. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Where answers to questions come from; absent: nobody answers. */
  readonly stdin?: NodeJS.ReadableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The directory that relative paths start from. */
  readonly cwd: string;
  /** Defaults to the system clock. */
  readonly now?: Clock;
  /** Somebody watches and can answer: allows questions, colour and progress. Defaults to no. */
  readonly isTerminal?: boolean;
  /** Ends `status --watch`, a question or a wait; what was written stays written. */
  readonly signal?: AbortSignal;
}
