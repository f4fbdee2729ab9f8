import type { FlagSnapshot, FlagSource } from '@crossfade/core';

/** Where the sidecar logs to: structured fields, and a message. A pino logger fits. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Logs nothing. */
export const SILENT_LOG: Log = { info() {}, warn() {} };

/** Logs the positions of the switches: now, and on each change of them or of the problem with them. */
export function logFlags(flags: FlagSource, log: Log): void {
  const write = ({ document, revision, problem }: FlagSnapshot) => {
    const fields = { event: 'flags', revision, acceptance: document.acceptance, percent: document.issuance.percent };
    if (problem === undefined) log.info(fields, 'flags read');
    else
      log.warn({ ...fields, problem }, 'there is a problem with the flags: the last good ones, or the defaults, apply');
  };
  write(flags.snapshot());
  flags.subscribe(write);
}
