import type { Clock, MigrationPlan, ObservationPlan } from '@crossfade/core';
import type { ExitCode } from './exit-code.ts';
import type { Output } from './io.ts';
import type { Report } from './report.ts';
import type { Terminal } from './terminal.ts';

/** The checked options of a command line: only those of the verb, each at most once. */
export interface OptionValues {
  text(name: string): string | undefined;
  given(name: string): boolean;
}

/** A verb by name, with the options that it takes. */
export interface VerbOutline {
  readonly name: string;
  readonly summary: string;
  /** With their dashes, those of every verb among them. */
  readonly options: readonly string[];
}

/** What a verb gets to run with. */
export interface Invocation {
  readonly options: OptionValues;
  /** The word after the verb; absent unless the verb has an {@link VerbDefinition.argument}. */
  readonly argument: string | undefined;
  readonly report: Report;
  readonly now: Clock;
  /** The environment: the secrets that a plan names by variable. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** For keys, on a terminal. */
  readonly stdin: NodeJS.ReadableStream | undefined;
  /** For a view that rewrites the terminal; all else goes through `report`. */
  readonly stdout: Output;
  readonly terminal: Terminal;
  /** The directory that relative paths on the command line start from. */
  readonly cwd: string;
  /** Who runs the verb, for the record of a move: `CROSSFADE_OPERATOR`, else user and host. */
  readonly operator: string;
  /** Reads and validates the plan. @throws `ConfigError` with every problem, or when the plan is for observing only. */
  plan(): Promise<MigrationPlan>;
  /** Like `plan`, also for a plan without `legacy` or `target`. */
  observationPlan(): Promise<ObservationPlan>;
  /** The paths of every plan that `--config` names. @throws `ConfigError` when there is none. */
  planPaths(): Promise<readonly [string, ...string[]]>;
  /** Like `plan`, of one of these paths. */
  planAt(path: string): Promise<MigrationPlan>;
  /** Every verb with its options, for shells. */
  readonly verbs: readonly VerbOutline[];
  /** Reads all of stdin; empty if there is none. @throws `ConfigError` when it is longer than any token. */
  input(): Promise<string>;
}

/** The result of a verb: its exit code and the document that `--json` prints. */
export interface VerbResult<Json extends object = object> {
  readonly exitCode: ExitCode;
  readonly json: Json;
}

export interface VerbDefinition {
  readonly name: string;
  /** One line for the overview. */
  readonly summary: string;
  /** The whole help text. */
  readonly help: string;
  /** The options it takes in addition to `--config`, `--json` and `--help`. */
  readonly options: Readonly<Record<string, 'string' | 'boolean'>>;
  /** The name of its one argument in messages; absent if it takes none. */
  readonly argument?: string;
  /** Whether it may be left out. */
  readonly isArgumentOptional?: true;
  /** Loads what runs it: `--help` needs the text alone. */
  load(): Promise<{ run(invocation: Invocation): Promise<VerbResult> }>;
}
