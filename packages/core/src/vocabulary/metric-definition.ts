/** One metric. All carry the constant labels `migration` and `service`, too. */
export interface MetricDefinition {
  readonly name: `crossfade_${string}`;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** What a reader of the series should know besides; for the documentation, and in no response. */
  readonly note?: string;
  /** Each label with its closed set of values; `null` for the few whose values are not ours, such as a version. */
  readonly labels: Readonly<Record<string, readonly string[] | null>>;
}
