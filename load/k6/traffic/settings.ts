/** What main.ts passes to each script in the environment. */
const text = (name: string): string => __ENV[name] ?? '';

export const SECONDS = Number(text('SECONDS'));
/** Requests of valid tokens a second. */
export const RATE = Number(text('RATE'));
/** What the 99th percentile of valid requests must stay under, in milliseconds. */
export const P99_MS = Number(text('P99_MS'));
/** Base URLs of the sidecars. */
export const APIS = text('APIS').split(',');
/** The lab's operator: which side a login asks for, and the moves of the CLI. */
export const OPERATOR = text('OPERATOR');
export const SUMMARY_PATH = text('SUMMARY_PATH');

export const TOKEN_ENDPOINT = text('TOKEN_ENDPOINT');
export const CLIENT_ID = text('CLIENT_ID');
export const CLIENT_SECRET = text('CLIENT_SECRET');

/** What a token request asks for: the two sides, and another API of the same identity provider. */
export const REQUESTED = JSON.parse(text('REQUESTED') || '{}') as Record<
  'legacy' | 'target' | 'other',
  Readonly<Record<string, string>>
>;
