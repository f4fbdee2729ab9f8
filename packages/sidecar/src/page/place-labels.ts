/** A label at `x` of a line above the chart, `width` wide. */
export interface Label {
  readonly text: string;
  readonly x: number;
  readonly width: number;
}

/** Where a label stands: its lane, 0 the lowest. */
export type PlacedLabel<Kind extends Label> = Kind & { readonly start: number; readonly lane: number };

/** The space in which labels stand. */
export interface LabelSpace {
  readonly right: number;
  readonly gap: number;
  readonly lanes: number;
  /** The width of ` +n`. */
  readonly moreWidth: number;
}

/**
 * Gives each label a lane in which it has room, so that moves close together keep their names. Where all lanes are full, the
 * label above tells how many more there are: ` +n`. Rollbacks come first, then newer labels before older ones.
 */
export function placeLabels<Kind extends Label>(
  labels: readonly Kind[],
  { right, gap, lanes, moreWidth }: LabelSpace,
): PlacedLabel<Kind>[] {
  const newestFirst = labels.toReversed();
  const isRollback = ({ text }: Label) => text === 'rollback';
  const placed: PlacedLabel<Kind>[] = [];
  const more = new Map<number, number>();
  for (const label of [...newestFirst.filter(isRollback), ...newestFirst.filter((other) => !isRollback(other))]) {
    const start = Math.max(0, Math.min(label.x, right - label.width));
    const overlaps = (other: PlacedLabel<Kind>) =>
      start < other.start + other.width + gap && other.start < start + label.width + gap;
    const taken = placed.filter(overlaps);
    const lane = Array.from({ length: lanes }, (_, index) => index).find((free) =>
      taken.every((other) => other.lane !== free),
    );
    if (lane !== undefined) placed.push({ ...label, start, lane });
    else {
      const above = placed.findIndex((other) => other.lane === lanes - 1 && overlaps(other));
      more.set(above, (more.get(above) ?? 0) + 1);
    }
  }
  return placed.map((label, index) => {
    const count = more.get(index);
    return count === undefined ? label : { ...label, text: `${label.text} +${count}`, width: label.width + moreWidth };
  });
}
