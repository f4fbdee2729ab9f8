import type { Clock } from '@crossfade/core';
import type { Lab } from './lab.ts';
import { startLab } from './lab.ts';
import type { LabOptions } from './options.ts';
import { createFilm, type Frame } from './output/recorder.ts';
import { createReport, type Rehearsal } from './output/report.ts';
import type { View } from './output/view.ts';
import { createOperator } from './script/operator.ts';
import { playScript } from './script/script.ts';

export interface RehearseOptions extends LabOptions {
  readonly view: View;
  readonly now: Clock;
  /** Ends the rehearsal early. */
  readonly signal: AbortSignal;
  /** Called when the script has ended, well or badly; everything stays up until what it returns resolves. */
  readonly onEnd: (ending: Ending) => Promise<void>;
}

/** How the script ended. */
export interface Ending {
  readonly rehearsal: Rehearsal;
  readonly lab: Lab;
  /** How the traffic went, moment by moment. */
  readonly film: readonly Frame[];
  /** Why it could not be played to its end; absent when it was. */
  readonly failure?: unknown;
}

/** Starts a lab, plays the script in it, and takes it down again. */
export async function rehearse(options: RehearseOptions): Promise<void> {
  const { view, now, signal, seed } = options;
  const lab = await startLab(options);
  try {
    view.watch(lab.ledger);
    for (const { adminUrl } of lab.sidecars) view.say(`dashboard  ${adminUrl}/`);
    const operator = createOperator({ planPath: lab.planPath, signal, show: (line) => view.say(line) });
    const report = createReport({ seed, ledger: lab.ledger, now });
    const film = createFilm(lab.ledger, now);
    const failure = await failureOf(playScript({ lab, operator, report, view, signal }));
    view.end();
    await options.onEnd({
      rehearsal: report.result(),
      lab,
      film: film.end(),
      ...(failure !== undefined && { failure }),
    });
  } finally {
    await lab.close();
  }
}

async function failureOf(work: Promise<void>): Promise<unknown> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error ?? new Error('failed without a reason');
  }
}
