import type { Clock } from '@crossfade/core';
import type { Terminal } from './terminal.ts';

/** A stream for text, such as `process.stdout`. */
export interface Output {
  write(text: string): unknown;
}

/** Everything that a verb may use of its process. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Read for replies to questions and for `-`. Absent: there is no reply. */
  readonly stdin?: NodeJS.ReadableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The directory that relative paths start from. */
  readonly cwd: string;
  /** User and host, for the record of a move; `CROSSFADE_OPERATOR` comes first. */
  readonly operator?: string;
  /** Defaults to the system clock. */
  readonly now?: Clock;
  /** An operator watches and can answer: allows questions, colour and progress. Defaults to no. */
  readonly isTerminal?: boolean;
  /** The terminal behind the streams; absent: one of 80 columns and 24 rows. */
  readonly terminal?: Terminal;
  /** Ends `status --watch`, a question or a wait; a change that is written stays. */
  readonly signal?: AbortSignal;
}
