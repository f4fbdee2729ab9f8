/** The highest limit of a token's length in bytes; no server takes a header section of that size. */
export const MAX_TOKEN_BYTES = 1_048_576;

/** The widest clock tolerance, that of ASP.NET Core: a wider one accepts expired tokens. */
export const MAX_CLOCK_TOLERANCE_MS = 300_000;
