/** A word that wants to stand at `start`, and `width` from there on. */
export interface Label {
  readonly text: string;
  readonly start: number;
  readonly width: number;
}

/** The labels that find room beside each other: a rollback before the rest, and newer ones before older ones. */
export function labelsThatFit<Kind extends Label>(labels: readonly Kind[], gap: number): Kind[] {
  const newestFirst = labels.toReversed();
  const wanted = [
    ...newestFirst.filter(({ text }) => text === 'rollback'),
    ...newestFirst.filter(({ text }) => text !== 'rollback'),
  ];
  const placed: Kind[] = [];
  for (const label of wanted) {
    const clashes = (other: Kind) =>
      label.start < other.start + other.width + gap && other.start < label.start + label.width + gap;
    if (!placed.some(clashes)) placed.push(label);
  }
  return placed;
}
