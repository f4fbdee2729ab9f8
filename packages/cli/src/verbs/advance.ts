import { ConfigError } from '@crossfade/core';
import { makeGuardedMove } from '../move/guarded-move.ts';
import type { Report } from '../verb/report.ts';
import type { VerbDefinition } from '../verb/verb.ts';

const HELP = `crossfade advance --to <percent> [--yes] [--config crossfade.yaml] [--json]

Raises the share of logins that ask for the target audience. To lower it, use crossfade rollback.
Refuses while an API instance is not known to accept target tokens, while the legacy audience is closed, and while
the provider mints legacy tokens for clients that chose target, as their metrics in Prometheus tell.
Shows what will change and asks first.

  --to <percent>   above 0, up to 100, with up to two decimals
  --yes            do not ask

Exit codes: 0 every meter shows the new share, 1 refused or declined, 4 written but not confirmed, 5 another writer is
changing the flags.

  crossfade advance --to 25
  crossfade advance --to 100 --yes --json
`;

export const advance: VerbDefinition = {
  name: 'advance',
  summary: 'raise the share of logins that ask for the target audience',
  help: HELP,
  options: { to: 'string', yes: 'boolean' },
  async run(invocation) {
    const { options, report } = invocation;
    const percent = readPercent(options.text('to'));
    const isAgreed = options.given('yes');
    requireConsent(report, isAgreed);
    return makeGuardedMove({ verb: 'advance', percent }, invocation, async () => {
      if (isAgreed) return undefined;
      const reply = await report.ask('Go ahead? [y/N]');
      return /^y(es)?$/i.test(reply?.trim() ?? '') ? undefined : 'not confirmed';
    });
  },
};

function readPercent(text: string | undefined): number {
  const isPercent = text !== undefined && /^\d{1,3}(\.\d{1,2})?$/.test(text) && Number(text) > 0 && Number(text) <= 100;
  if (isPercent) return Number(text);
  const expected = 'a share above 0 and up to 100, such as 25 or 0.5';
  const message = text === undefined ? `is required: ${expected}` : `must be ${expected}`;
  throw new ConfigError('advance', [{ path: '--to', message }]);
}

function requireConsent({ isTerminal }: Report, isAgreed: boolean): void {
  if (isAgreed || isTerminal) return;
  throw new ConfigError('advance', [
    { path: '--yes', message: 'is required without a terminal, because advance asks before it writes' },
  ]);
}
