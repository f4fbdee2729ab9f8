import {
  activeBrownout,
  type Clock,
  ConfigError,
  describeProblem,
  type FlagDocument,
  formatInstant,
  ISSUE_TARGET_FLAG,
  type MigrationPlan,
  UnavailableError,
} from '@crossfade/core';
import { readStoreView, type StoreView } from '../flag-store/store-view.ts';
import { type Finding, fail, pass, unknown, warn } from './finding.ts';

/** What the flag store holds, as far as it can be read, and what was found. */
export interface FlagsExamination {
  readonly findings: readonly Finding[];
  readonly view: StoreView | undefined;
}

/** Checks that the flag store can be read, holds a valid document without slips, and that no deployment is in progress. */
export async function examineFlags(plan: MigrationPlan, now: Clock): Promise<FlagsExamination> {
  const { source } = plan.flags;
  try {
    const view = await readStoreView(plan, now);
    const { percent } = view.document.issuance;
    const position = `${percent}% target, acceptance ${view.document.acceptance}`;
    return {
      findings: [
        pass('flags', `the ${source} store holds a valid document (${position})`),
        ...examineIgnored(view.document),
        ...examineIdle(view),
        ...examineBrownout(view.document, now()),
        ...examineRunning(plan, view),
      ],
      view,
    };
  } catch (error) {
    if (error instanceof ConfigError) {
      const problems = error.problems.map(describeProblem).join('; ');
      return {
        findings: [fail('flags', `the ${source} store: ${problems}`, remedyFor(plan, problems))],
        view: undefined,
      };
    }
    if (!(error instanceof UnavailableError)) throw error;
    const remedy = /does not exist/.test(error.message)
      ? remedyFor(plan, error.message)
      : 'check flags in the plan, credentials and the network: a rollback needs this store';
    return { findings: [fail('flags', error.message, remedy)], view: undefined };
  }
}

/** What is not there is made by `init`; a rollback makes nothing. */
function remedyFor({ flags }: MigrationPlan, problems: string): string {
  if (/does not exist/.test(problems)) return 'make the flag file: crossfade init, or correct flags.path in the plan';
  if (flags.source === 'appconfig' && /AppConfig has no /.test(problems))
    return `make it: crossfade init --appconfig ${flags.application}/${flags.environment}/${flags.profile}, or correct flags in the plan`;
  return 'repair the document: until then all readers keep the last good one';
}

/** Reports what readers ignore in Crossfade's own flags: most likely a misspelt attribute. */
function examineIgnored({ ignored }: FlagDocument): readonly Finding[] {
  return ignored.map((sentence) => warn('flags', `${sentence}: readers ignore it`, 'correct it, or take it out'));
}

/** Reports a share that has no effect, because its flag is off: AppConfig returns no attributes of such a flag. */
function examineIdle({ document, position }: StoreView): readonly Finding[] {
  if (position === undefined) return [];
  const flag = flagIn(position.stored.text, ISSUE_TARGET_FLAG);
  if (!document.issuance.enabled && typeof flag?.['percent'] === 'number' && flag['percent'] > 0)
    return [
      warn(
        'flags',
        `${ISSUE_TARGET_FLAG} has percent ${flag['percent']} and is off: the share has no effect`,
        'take percent out, or move on with crossfade advance: once the flag is enabled, the share applies at once',
      ),
    ];
  if (document.issuance.enabled && document.issuance.percent === 100 && flag?.['percent'] === undefined)
    return [
      warn(
        'flags',
        `${ISSUE_TARGET_FLAG} is on without percent: that means 100%`,
        'write the share down: crossfade advance --to 100, or crossfade rollback',
      ),
    ];
  return [];
}

function flagIn(text: string, name: string): Readonly<Record<string, unknown>> | undefined {
  const flag = (JSON.parse(text) as Readonly<Record<string, unknown>>)[name];
  return typeof flag === 'object' && flag !== null ? (flag as Readonly<Record<string, unknown>>) : undefined;
}

function examineBrownout({ brownout }: FlagDocument, nowMs: number): readonly Finding[] {
  if (brownout === null) return [];
  const { percent, untilMs } = brownout;
  const until = formatInstant(untilMs);
  if (activeBrownout(brownout, nowMs) !== null)
    return [
      warn(
        'brownout',
        `a brownout refuses legacy for ${percent}% of clients until ${until}`,
        'expect their 401s until then; crossfade rollback ends it at once',
      ),
    ];
  if (untilMs <= nowMs)
    return [
      warn('brownout', `a brownout is left over in the document: it ended at ${until}`, 'take the flag brownout out'),
    ];
  return [
    warn(
      'brownout',
      `a brownout is to last until ${until}, more than a day: readers do not obey it`,
      'correct brownout.until, or take the flag out',
    ),
  ];
}

function examineRunning({ flags }: MigrationPlan, { running }: StoreView): readonly Finding[] {
  if (flags.source === 'file') return [];
  if (running === null)
    return [
      unknown(
        'deployment',
        'whether a deployment is in progress is not known here',
        flags.source === 'agent'
          ? 'look with: aws appconfig list-deployments'
          : 'allow appconfig:ListDeployments and appconfig:GetDeployment',
      ),
    ];
  if (running.length === 0) return [pass('deployment', 'no deployment is in progress')];
  return running.map(({ name }) =>
    warn('deployment', `${name} is in progress`, 'let it end before the next advance; a rollback stops it by itself'),
  );
}
