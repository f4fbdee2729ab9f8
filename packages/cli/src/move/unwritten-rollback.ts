import type { WriteReceipt } from '@crossfade/core';
import { isUnnamed } from '../fleet/fleet-size.ts';
import type { ChangeTools } from './change.ts';

/** The commands that do not wait, for these instances or for any. */
export function waysOut(holding: readonly string[]): readonly string[] {
  const named = holding.filter((meter) => !isUnnamed(meter)).join(',');
  return [...(named === '' ? [] : [`crossfade rollback --without ${named}`]), 'crossfade rollback --now'];
}

/** Says what is written, what is not, and what to paste. */
export function describeUnwritten(
  { invocation }: ChangeTools,
  holding: readonly string[],
  share: string,
  reopened: WriteReceipt | undefined,
): string {
  const written =
    reopened === undefined
      ? 'Nothing is written'
      : `Written: APIs accept both sides again (revision ${reopened.revision})`;
  const commands = waysOut(holding).map((command) => `  ${command}`);
  return [
    `${invocation.signal.aborted ? 'Interrupted. ' : ''}${written}. Not written: ${share} of logins still ask for target.`,
    `Go on (crossfade rollback), leave out an instance that you know to be gone, or wait for none:`,
    ...commands,
  ].join('\n');
}
