import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A recorded series as Prometheus shows it now. */
export interface RecordedSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const DAY_SECONDS = 86_400;
const STEP_SECONDS = 60;

/**
 * Writes blocks of Prometheus as if these series had been recorded each minute of the days before `endSeconds`, by
 * `promtool tsdb create-blocks-from`, a file a day. Timestamps that go on with the clock do so; the others keep their value.
 */
export function writeHistory(
  folder: string,
  series: readonly RecordedSeries[],
  { days, endSeconds }: { readonly days: number; readonly endSeconds: number },
): void {
  mkdirSync(folder, { recursive: true });
  const text = join(folder, 'day.txt');
  const beginSeconds = endSeconds - days * DAY_SECONDS;
  for (let day = 0; day < days; day += 1) {
    const from = beginSeconds + day * DAY_SECONDS;
    writeFileSync(text, dayOf(series, from, Math.min(from + DAY_SECONDS, endSeconds), beginSeconds));
    const options = ['tsdb', 'create-blocks-from', '--max-block-duration=24h', 'openmetrics', text, folder];
    execFileSync('promtool', options, { stdio: 'ignore' });
  }
  rmSync(text);
}

function dayOf(series: readonly RecordedSeries[], from: number, to: number, beginSeconds: number): string {
  const sorted = series.toSorted((one, other) => nameOf(one).localeCompare(nameOf(other)));
  const lines: string[] = [];
  let name = '';
  for (const one of sorted) {
    if (nameOf(one) !== name) {
      name = nameOf(one);
      lines.push(`# TYPE ${name} gauge\n`);
    }
    const pairs = Object.entries(one.labels).filter(([label]) => label !== '__name__');
    const head = `${name}{${pairs.map(([label, text]) => `${label}=${JSON.stringify(text)}`).join(',')}}`;
    for (let at = from; at < to; at += STEP_SECONDS)
      lines.push(`${head} ${valueAt(name, one.value, at, beginSeconds)} ${at}\n`);
  }
  return `${lines.join('')}# EOF\n`;
}

function nameOf({ labels }: RecordedSeries): string {
  return labels['__name__'] ?? '';
}

function valueAt(name: string, value: number, at: number, beginSeconds: number): number {
  if (name === 'crossfade:evaluated:timestamp' || name === 'crossfade:full_look:timestamp') return at;
  if (name === 'crossfade:watched_since:timestamp') return beginSeconds;
  if (name === 'crossfade:watched:bool' || name === 'crossfade:watched:ratio') return 1;
  return name === 'crossfade:unwatched:seconds' || name === 'crossfade:unwatched_debt:seconds' ? 0 : value;
}
