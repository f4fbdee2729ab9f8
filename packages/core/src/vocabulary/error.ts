/** Codes of the errors that more than one package throws. Each tells which party must act. */
export type CrossfadeErrorCode =
  | 'config_invalid'
  | 'unavailable'
  | 'conflict'
  | 'token_rejected'
  | 'grant_refused'
  | 'login_required'
  | 'invalid_response';

/**
 * The base of every error Crossfade throws. `code` is stable. Neither the message nor any enumerable property
 * holds a token, a claim value or a payload; a `cause` may, and is not enumerable.
 */
export class CrossfadeError extends Error {
  readonly code: CrossfadeErrorCode;

  constructor(code: CrossfadeErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** One error in a configuration. `path` is dotted (`legacy.issuer`); `line` counts from 1. */
export interface Problem {
  readonly path: string;
  readonly message: string;
  readonly line?: number;
}

/**
 * The operator must act: a configuration is wrong. Carries every problem, not only the first.
 * @remarks Fix each of `problems`; a plan's have the line, too.
 */
export class ConfigError extends CrossfadeError {
  readonly problems: readonly Problem[];

  constructor(subject: string, problems: readonly Problem[]) {
    super('config_invalid', `${subject}: ${problems.map(describeProblem).join('; ')}`);
    this.problems = problems;
  }
}

/** What judging a token may have to ask. A closed list: it is the label `cause` of `crossfade_unavailable_total`. */
export const DEPENDENCIES = ['keys', 'introspection', 'revocation', 'exchange'] as const;
export type Dependency = (typeof DEPENDENCIES)[number];

interface UnavailableOptions {
  /** Default: 5. */
  readonly retryAfterSeconds?: number;
  readonly dependency?: Dependency;
  readonly cause?: unknown;
}

/**
 * Infrastructure must recover: a dependency of Crossfade is unreachable. Never the caller's fault.
 * @remarks Respond 503 and never 401; try again after `retryAfterSeconds`. `dependency` names what a token needed. Sessions stay
 * valid.
 */
export class UnavailableError extends CrossfadeError {
  readonly retryAfterSeconds: number;
  /** What could not be asked about a token. */
  declare readonly dependency?: Dependency;

  constructor(message: string, options: UnavailableOptions = {}) {
    super('unavailable', message, 'cause' in options ? { cause: options.cause } : {});
    this.retryAfterSeconds = options.retryAfterSeconds ?? 5;
    if (options.dependency !== undefined) this.dependency = options.dependency;
  }

  /** What Fastify and Express respond with where a handler lets it through. */
  get statusCode(): number {
    return 503;
  }
}

/**
 * Another writer changed, or is changing, the flags. The message names it.
 * @remarks Wait until the other write is over, look with `crossfade status`, then decide again.
 */
export class ConflictError extends CrossfadeError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super('conflict', message, 'cause' in options ? { cause: options.cause } : {});
  }
}

/** `line 4: legacy.issuer: must be an https URL`: the form in which every program prints a problem. */
export function describeProblem(problem: Problem): string {
  const line = problem.line === undefined ? '' : `line ${problem.line}: `;
  const path = problem.path === '' ? '' : `${problem.path}: `;
  return `${line}${path}${problem.message}`;
}

/** Reads the `code` of an error that Node.js or a library threw, such as `ENOENT`; `undefined` without a textual one. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
