/**
 * How far the recorded rates and increases look back. It is also the longest range of what each instance shows that any
 * query reads: a longer one costs a large fleet more than Prometheus has.
 */
export const LOOK_BACK_SECONDS = 300;
/** Within a shorter window too few evaluations saw nothing of before it. */
export const LEAST_RECORDED_SECONDS = LOOK_BACK_SECONDS + 120;

/** A time of the past that traffic is counted in. */
export interface TrafficWindow {
  readonly seconds: number;
  readonly endedSecondsAgo: number;
}

/** A recorded series of a migration, and the labels that its sums keep. */
export interface RecordedTraffic {
  readonly migration: string;
  /** Without `crossfade:`. */
  readonly name: string;
  /** More label matchers, each after a comma. */
  readonly labels?: string;
  readonly by?: readonly string[];
  /** The series that tells how often the rules were evaluated; the series itself by default. */
  readonly evaluatedWith?: string;
  /** The labels that tell its series of one service apart, besides `by`. */
  readonly each?: readonly string[];
}

/** Returns an offset; Prometheus refuses one of 0. */
export function offsetOf(secondsAgo: number): string {
  return secondsAgo <= 0 ? '' : ` offset ${secondsAgo}s`;
}

/**
 * Returns the range of evaluations that saw a window and nothing of before it: those that are at least a look-back younger
 * than its begin.
 */
function rangeOf({ seconds, endedSecondsAgo }: TrafficWindow): string {
  return `[${seconds - LOOK_BACK_SECONDS}s]${offsetOf(endedSecondsAgo)}`;
}

/** Returns how many evaluations of a recorded series a window has; nothing where the rules recorded none. */
export function evaluationsIn(
  { migration, name }: Pick<RecordedTraffic, 'migration' | 'name'>,
  window: TrafficWindow,
): string {
  return `max(count_over_time(crossfade:${name}{migration="${migration}"}${rangeOf(window)}))`;
}

/**
 * Returns the mean of a recorded series in a window of at least {@link LEAST_RECORDED_SECONDS}, over all services. A series
 * that is born in it was 0 before. Replicas of a Prometheus count once, shards add up.
 */
export function recordedMean(traffic: RecordedTraffic, window: TrafficWindow): string {
  const { migration, name, labels = '', by = [], each = [], evaluatedWith = name } = traffic;
  const series = `crossfade:${name}{migration="${migration}"${labels}}`;
  const once = ['service', 'cluster', 'shard', ...by.filter((label) => label !== 'service'), ...each];
  const sum = `sum by (${by.join(', ')}) (max by (${once.join(', ')}) (sum_over_time(${series}${rangeOf(window)})))`;
  return `${sum} / on () group_left () ${evaluationsIn({ migration, name: evaluatedWith }, window)}`;
}
