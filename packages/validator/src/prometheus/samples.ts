import type { Sample } from './series.ts';

/** The only sample of a metric without labels. */
export function one(value: number): readonly Sample[] {
  return [{ labels: {}, value }];
}

/** One sample for each value of a label. */
export function by<Value extends string>(
  label: string,
  values: readonly Value[],
  read: (value: Value) => number,
): readonly Sample[] {
  return values.map((value) => ({ labels: { [label]: value }, value: read(value) }));
}

/** Leaves out what never occurred: such a series is born when it is first seen. */
export function seen(samples: readonly Sample[]): readonly Sample[] {
  return samples.filter(({ value }) => value > 0);
}
