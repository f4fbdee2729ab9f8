export { run } from './run.ts';
export type { ExitCode } from './verb/exit-code.ts';
export { EXIT } from './verb/exit-code.ts';
export type { Io, Output } from './verb/io.ts';
