/** States what a setting must be; a missing one is said to be missing. For a schema, in place of its own words. */
export function must(expected: string): { error: (issue: { input?: unknown }) => string } {
  return { error: (issue) => (issue.input === undefined ? `is required: ${expected}` : `must be ${expected}`) };
}
