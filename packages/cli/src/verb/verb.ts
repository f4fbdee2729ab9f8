import type { Clock, MigrationPlan } from '@crossfade/core';
import type { ExitCode } from './exit-code.ts';
import type { Report } from './report.ts';

/** The options of a command line, checked: only those the verb knows, each at most once. */
export interface OptionValues {
  text(name: string): string | undefined;
  given(name: string): boolean;
}

/** One command line on its way through a verb. */
export interface Invocation {
  readonly options: OptionValues;
  /** The word after the verb; absent unless the verb has an {@link VerbDefinition.argument}. */
  readonly argument: string | undefined;
  readonly report: Report;
  readonly now: Clock;
  readonly signal: AbortSignal;
  /** Reads and validates the plan. @throws `ConfigError` with every problem. */
  plan(): Promise<MigrationPlan>;
  /** Reads all of stdin; empty when there is none. @throws `ConfigError` when it is longer than any token. */
  input(): Promise<string>;
}

/** How a verb ended: its exit code, and all it found, as `--json` prints it. */
export interface VerbResult {
  readonly exitCode: ExitCode;
  readonly json: Readonly<Record<string, unknown>>;
}

export interface VerbDefinition {
  readonly name: string;
  /** One line for the overview. */
  readonly summary: string;
  /** The whole help text. */
  readonly help: string;
  /** The options it takes beside `--config`, `--json` and `--help`. */
  readonly options: Readonly<Record<string, 'string' | 'boolean'>>;
  /** What its one further word is, for people; absent when it takes none. */
  readonly argument?: string;
  run(invocation: Invocation): Promise<VerbResult>;
}
