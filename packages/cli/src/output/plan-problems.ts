import { ConfigError, describeProblem, parseObservationPlan } from '@crossfade/core';

/** The least plan that a proposal fits into. */
const OBSERVING = {
  version: 1,
  migration: 'census',
  flags: { source: 'file', path: 'flags.json' },
  sidecar: { service: 'census', upstream: 'http://127.0.0.1' },
};

/** What is wrong with a plan that has these settings, in the plan's own words. */
export function planProblems(settings: Readonly<Record<string, unknown>>): readonly string[] {
  try {
    parseObservationPlan({ ...OBSERVING, ...settings });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(describeProblem);
  }
}

/** A sidecar cuts what is too long: a part of a name is no name. */
const isWhole = (text: string) => !text.endsWith('…') && !text.includes('\uFFFD');
/** Whether a plan takes a text as an audience or a client id: anyone can have made it up. */
export const isName = (text: string) => isWhole(text) && planProblems({ clients: [text] }).length === 0;
/** The same of an issuer whose keys are found by its name. */
export const isIssuer = (text: string) =>
  isWhole(text) && planProblems({ legacy: { issuer: text, withoutAudience: true } }).length === 0;
