import type { Random } from './random.ts';

/** One client of the API, as drawn from the seed. */
export type ClientProfile =
  /** A browser whose user signs in, opens some orders, signs out, and repeats. */
  | { readonly kind: 'visitor'; readonly name: string }
  /** A browser whose user never signs out: its session is refreshed as long as the identity provider allows. */
  | { readonly kind: 'resident'; readonly name: string }
  /** A program with client credentials (RFC 6749 §4.4). */
  | { readonly kind: 'machine'; readonly name: string };

const NAMES = [
  'ada',
  'alan',
  'barbara',
  'claude',
  'donald',
  'dorothy',
  'edsger',
  'emmy',
  'evelyn',
  'frances',
  'grace',
  'hedy',
  'john',
  'joan',
  'katherine',
  'ken',
  'leslie',
  'lynn',
  'margaret',
  'mary',
  'niklaus',
  'radia',
  'robin',
  'tony',
] as const;

/**
 * Draws a population: half visitors, a quarter residents, a quarter machines. Names differ within a population and
 * between seeds, so each seed moves different clients to the target first.
 */
export function samplePopulation(size: number, random: Random): readonly ClientProfile[] {
  const machines = Math.max(1, Math.floor(size / 4));
  const residents = Math.max(1, Math.floor(size / 4));
  const draw = random.fork('names');
  return Array.from({ length: size }, (_, index): ClientProfile => {
    const suffix = draw.integer(0, 0xffff).toString(16).padStart(4, '0');
    if (index < machines) return { kind: 'machine', name: `batch-${index + 1}-${suffix}` };
    const name = `${NAMES[draw.integer(0, NAMES.length - 1)]}-${index + 1}-${suffix}`;
    return { kind: index < machines + residents ? 'resident' : 'visitor', name };
  });
}
