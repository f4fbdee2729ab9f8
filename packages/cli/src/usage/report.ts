import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade report [--html <file>] [--config crossfade.yaml] [--json]

Gives the evidence of a whole migration, for an auditor: every move with who, when and why, and the gate's numbers that a close
recorded; how long each phase lasted; the gate now; who checks which audience where, and what each instance was seen to
do. What cannot be known is listed as unknown. Changes nothing.

  --html <file>   write it as one page that prints well: no script, nothing from elsewhere; a file that exists is replaced

Exit codes: 0 reported, also where something is unknown; 3 the flag store cannot be reached.

  crossfade report --html report.html
  crossfade report --json | jq '.moves[] | select(.verb == "close")'
`;

export const report: VerbDefinition = {
  name: 'report',
  summary: 'give the evidence of the migration, as JSON and as a page',
  help: HELP,
  options: { html: 'string' },
  load: () => import('../verbs/report.ts'),
};
