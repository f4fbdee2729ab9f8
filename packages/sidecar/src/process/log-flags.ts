import type { FlagSnapshot, FlagSource } from '@crossfade/core';
import type { Log } from './log.ts';

/** Logs the positions of the switches, now and whenever they or what is wrong with them change. */
export function logFlags(flags: FlagSource, log: Log): void {
  const note = ({ document, revision, problem }: FlagSnapshot) => {
    const fields = { event: 'flags', revision, acceptance: document.acceptance, percent: document.issuance.percent };
    if (problem === undefined) log.info(fields, 'flags read');
    else log.warn({ ...fields, problem }, 'flags can not be read: the last good ones, or the defaults, hold');
  };
  note(flags.snapshot());
  flags.subscribe(note);
}
