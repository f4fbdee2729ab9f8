import type { Random } from '../ledger/random.ts';

/** One client of the API, as the seed decided it. */
export type Person =
  /** A browser whose user comes, looks at some orders, signs out, and comes again. */
  | { readonly kind: 'visitor'; readonly name: string }
  /** A browser whose user never signs out: its session is refreshed for as long as the identity provider lets it. */
  | { readonly kind: 'resident'; readonly name: string }
  /** A program with credentials of its own (RFC 6749 §4.4). */
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
 * Draws a population: half of it visitors, a quarter residents, a quarter machines. Names differ within a population
 * and between seeds, so each seed puts other people on the target side first.
 */
export function drawPopulation(size: number, random: Random): readonly Person[] {
  const machines = Math.max(1, Math.floor(size / 4));
  const residents = Math.max(1, Math.floor(size / 4));
  const draw = random.fork('names');
  return Array.from({ length: size }, (_, index): Person => {
    const suffix = draw.integer(0, 0xffff).toString(16).padStart(4, '0');
    if (index < machines) return { kind: 'machine', name: `batch-${index + 1}-${suffix}` };
    const name = `${NAMES[draw.integer(0, NAMES.length - 1)]}-${index + 1}-${suffix}`;
    return { kind: index < machines + residents ? 'resident' : 'visitor', name };
  });
}
