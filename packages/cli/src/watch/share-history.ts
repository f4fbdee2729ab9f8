/** The legacy share at one poll, 0 to 1; `null` where it was unknown. */
export interface SharePoint {
  readonly atMs: number;
  readonly share: number | null;
}

const MAX_POINTS = 1024;

/** Adds a point. Keeps a whole watch in bounded memory: a full history merges its older half in pairs. */
export function addPoint(history: readonly SharePoint[], point: SharePoint): readonly SharePoint[] {
  if (history.length < MAX_POINTS) return [...history, point];
  const older = history.slice(0, MAX_POINTS / 2);
  const merged = older.flatMap((one, at) =>
    at % 2 === 0 ? [{ atMs: one.atMs, share: mean([one, older[at + 1] ?? one]) }] : [],
  );
  return [...merged, ...history.slice(MAX_POINTS / 2), point];
}

/** The history in so many columns, each the mean of its stretch of time; as many columns as points where those are fewer. */
export function resample(history: readonly SharePoint[], columns: number): readonly (number | null)[] {
  const [first, last] = [history[0], history.at(-1)];
  if (first === undefined || last === undefined) return [];
  if (history.length <= columns) return history.map(({ share }) => share);
  const stretches: SharePoint[][] = Array.from({ length: columns }, () => []);
  const spanMs = Math.max(1, last.atMs - first.atMs);
  for (const point of history) {
    const column = Math.min(columns - 1, Math.floor(((point.atMs - first.atMs) / spanMs) * columns));
    stretches[column]?.push(point);
  }
  return stretches.map(mean);
}

/** Draws shares from 0 to 1: a column each, of a scale that always ends at 100 %. */
export function sparkline(shares: readonly (number | null)[], levels: string, gap: string): string {
  const steps = [...levels];
  return shares
    .map((share) => (share === null ? gap : steps[Math.min(steps.length - 1, Math.floor(share * steps.length))]))
    .join('');
}

function mean(points: readonly SharePoint[]): number | null {
  const known = points.flatMap(({ share }) => (share === null ? [] : [share]));
  return known.length === 0 ? null : known.reduce((total, share) => total + share, 0) / known.length;
}
