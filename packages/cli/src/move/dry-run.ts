import { editFlagDocument, type SwitchChange } from '@crossfade/core';
import type { StoredPosition } from '../flag-store/flag-position.ts';
import type { DryRunJson } from '../json/moves-json.ts';
import type { Report } from '../verb/report.ts';

const OWN_FLAGS = ['issue-target', 'accept-legacy', 'brownout'] as const;

/** Prints what a change would write, and writes nothing. Returns it as `--json` prints it. */
export function printDryRun(
  report: Report,
  { stored }: Pick<StoredPosition, 'stored'>,
  change: SwitchChange,
  nowMs: number,
): DryRunJson {
  const { text, revision } = editFlagDocument(stored.text, change, nowMs);
  const document = JSON.parse(text) as Record<string, unknown>;
  const flags = OWN_FLAGS.filter((name) => document[name] !== undefined);
  report.field('would write', `revision ${revision}`);
  for (const name of flags) report.field('', `${name} ${JSON.stringify(document[name])}`);
  report.print('Dry run: nothing is written.');
  return {
    outcome: 'dry-run',
    wouldWrite: { revision, flags: Object.fromEntries(flags.map((name) => [name, document[name]])) },
  };
}
