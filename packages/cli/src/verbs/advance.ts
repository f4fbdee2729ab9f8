import { ConfigError, type Problem } from '@crossfade/core';
import { countedEvidence } from '../fleet/step-evidence.ts';
import type { VerbJson } from '../json/verb-json.ts';
import { makeGuardedMove } from '../move/guarded-move.ts';
import { printEvidence } from '../move/print-evidence.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';

export async function run(invocation: Invocation): Promise<VerbResult<VerbJson<'advance'>>> {
  const { options, report } = invocation;
  const asked = readPercent(options.text('to'));
  checkOptions(invocation);
  return makeGuardedMove(
    {
      verb: 'advance',
      choose: ({ issuance }, { steps }) => ({
        verb: 'advance',
        percent: asked ?? steps.find((step) => step > issuance.percent) ?? 100,
      }),
      async explain({ fleet }, { position, snapshot, situation }) {
        const { percent, sinceMs } = position.document.issuance;
        const past =
          percent === 0 || sinceMs === null ? { kind: 'none' as const } : await fleet.step?.(sinceMs, invocation.now());
        return printEvidence(report, situation.fleet, past ?? countedEvidence(snapshot));
      },
      async consent() {
        if (options.given('yes')) return undefined;
        const reply = await report.ask('Go ahead? [y/N]');
        return /^y(es)?$/i.test(reply?.trim() ?? '') ? undefined : 'not confirmed';
      },
      ...(options.given('skip-soak') && { skipped: ['soak'] }),
    },
    invocation,
  );
}

/** `undefined` without `--to`: the next step of the plan. */
function readPercent(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,3}(\.\d{1,2})?$/.test(text) && Number(text) > 0 && Number(text) <= 100) return Number(text);
  const message = 'must be a share above 0 and up to 100, such as 25 or 0.5';
  throw new ConfigError('advance', [{ path: '--to', message }]);
}

function checkOptions({ options, report }: Invocation): void {
  const problems: Problem[] = [];
  if (!options.given('yes') && !options.given('dry-run') && !report.isTerminal) {
    problems.push({ path: '--yes', message: 'is required without a terminal, because advance asks before it writes' });
  }
  if (options.given('skip-soak') && !options.given('reason')) {
    problems.push({ path: '--reason', message: 'is required with --skip-soak: it is recorded with the move' });
  }
  if (problems.length > 0) throw new ConfigError('advance', problems);
}
