import {
  type Clock,
  ConfigError,
  describeProblem,
  type FlagDocument,
  type MigrationPlan,
  UnavailableError,
} from '@crossfade/core';
import { readFlagDocument } from '../flag-store/flag-position.ts';
import { type Finding, fail, pass, warn } from './finding.ts';

/** Checks that the flag store can be read and holds a valid document. */
export async function examineFlags(
  plan: MigrationPlan,
  now: Clock,
): Promise<{ readonly finding: Finding; readonly document: FlagDocument | undefined }> {
  const { source } = plan.flags;
  try {
    const document = await readFlagDocument(plan, now);
    const position = `${document.issuance.percent}% target, acceptance ${document.acceptance}`;
    return { finding: pass('flags', `the ${source} store holds a valid document (${position})`), document };
  } catch (error) {
    if (error instanceof ConfigError) {
      const problems = error.problems.map(describeProblem).join('; ');
      return {
        finding: fail(
          'flags',
          `the ${source} store: ${problems}`,
          'repair the document: until then all readers keep the last good one',
        ),
        document: undefined,
      };
    }
    if (!(error instanceof UnavailableError)) throw error;
    const action = 'check flags in the plan, credentials and the network: a rollback needs this store';
    return { finding: fail('flags', error.message, action), document: undefined };
  }
}

/** Reports what readers ignore in Crossfade's own flags: most likely a misspelt attribute. */
export function examineIgnored(document: FlagDocument | undefined): readonly Finding[] {
  return (document?.ignored ?? []).map((sentence) =>
    warn('flags', `${sentence}: readers ignore it`, 'correct it, or take it out'),
  );
}
