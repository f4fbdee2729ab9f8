import type { Clock } from '@crossfade/core';
import type { Lab } from './environment/lab.ts';
import type { Moment } from './ledger/ledger.ts';
import { createRecorder } from './ledger/recorder.ts';
import { createReport, type Rehearsal } from './ledger/report.ts';
import type { LabOptions } from './options.ts';
import type { View } from './output/view.ts';
import { createOperator } from './script/operator.ts';
import { runScript } from './script/script.ts';
import { startLab } from './start-lab.ts';

export interface RehearseOptions extends LabOptions {
  readonly view: View;
  readonly now: Clock;
  /** Aborts the rehearsal. */
  readonly signal: AbortSignal;
  /** Called when the script has ended, successfully or not; the lab stays up until the returned promise resolves. */
  readonly onEnd: (ending: Ending) => Promise<void>;
}

/** How the script ended. */
export interface Ending {
  readonly rehearsal: Rehearsal;
  readonly lab: Lab;
  /** The counts over time. */
  readonly moments: readonly Moment[];
  /** Why the script did not run to its end; absent when it did. */
  readonly error?: unknown;
}

/** Starts a lab, runs the script in it, and stops it. */
export async function rehearse(options: RehearseOptions): Promise<void> {
  const { view, now, signal, seed } = options;
  const lab = await startLab(options);
  try {
    view.watch(lab.ledger);
    view.print(`web app    ${lab.webApp.url}`);
    for (const { adminUrl } of lab.sidecars) view.print(`dashboard  ${adminUrl}/`);
    const operator = createOperator({ planPath: lab.planPath, signal, show: (line) => view.print(line) });
    const report = createReport({ seed, ledger: lab.ledger, now });
    const recorder = createRecorder(lab.ledger, now);
    const error = await errorOf(runScript({ lab, operator, report, view, signal }));
    view.end();
    await options.onEnd({
      rehearsal: report.result(),
      lab,
      moments: recorder.end(),
      ...(error !== undefined && { error }),
    });
  } finally {
    await lab.close();
  }
}

async function errorOf(work: Promise<void>): Promise<unknown> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error ?? new Error('failed without a reason');
  }
}
