import type { GateEnvironment } from './environment.ts';
import type { Disagreement } from './tokens.ts';

const MINUTE_MS = 60_000;
const SECOND_MS = 1000;

/** One request of a history, in ms after its start. */
interface HistoryEvent {
  readonly atMs: number;
  readonly instance: number;
  readonly token: 'disagreement' | 'legacy';
}

/** When the requests of a history come, given the silent window of the gate. */
export const SCHEDULES: Readonly<Record<string, (windowMs: number) => readonly HistoryEvent[]>> = {
  once: () => [{ atMs: 0, instance: 0, token: 'disagreement' }],
  'at the second instance only': () => [{ atMs: 0, instance: 1, token: 'disagreement' }],
  'every half hour, at either instance': () =>
    Array.from({ length: 8 }, (_, index) => ({
      atMs: 30 * MINUTE_MS * index,
      instance: index % 2,
      token: 'disagreement' as const,
    })),
  'again just before the window ends': (windowMs) =>
    [0, 1, 2].map((index) => ({ atMs: index * (windowMs - SECOND_MS), instance: index % 2, token: 'disagreement' })),
  'between plain legacy tokens': () => [
    { atMs: 0, instance: 0, token: 'legacy' },
    { atMs: 20 * MINUTE_MS, instance: 1, token: 'disagreement' },
    { atMs: 25 * MINUTE_MS, instance: 0, token: 'legacy' },
    { atMs: 80 * MINUTE_MS, instance: 0, token: 'disagreement' },
  ],
};

export interface HistoryResult {
  /** The moments at which the gate passed although such a request was served within the window, and why they are wrong. */
  readonly wrongPasses: readonly string[];
  /** Whether the gate passed before the first request. */
  readonly passedBefore: boolean;
  /** Whether the gate passed as soon as the window after the last request was over. */
  readonly passedAfter: boolean;
}

/**
 * Sends the requests of a history and asks the gate after each one, in the last second of each window, and after it. Both
 * instances see target tokens all along.
 */
export async function runHistory(
  environment: GateEnvironment,
  kind: Disagreement,
  events: readonly HistoryEvent[],
): Promise<HistoryResult> {
  const { mint, windowMs } = environment;
  const wrongPasses: string[] = [];
  const startMs = environment.nowMs();
  const passesAt = async (timeMs: number) => {
    environment.sleepUntil(timeMs);
    await sendTarget(environment);
    return (await environment.gate()).exitCode === 0;
  };
  const passedBefore = await passesAt(startMs);
  let lastMs = startMs;
  for (const [index, { atMs, instance, token }] of events.entries()) {
    lastMs = startMs + atMs;
    environment.sleepUntil(lastMs);
    const sent = token === 'legacy' ? mint.plain('legacy', lastMs) : mint.refused(kind, lastMs);
    await environment.send(await sent, instance);
    if (await passesAt(lastMs)) wrongPasses.push(`at once after request ${index + 1}`);
    const nextMs = startMs + (events[index + 1]?.atMs ?? Number.POSITIVE_INFINITY);
    const lastSecondMs = Math.min(lastMs + windowMs - SECOND_MS, nextMs);
    if (await passesAt(lastSecondMs)) wrongPasses.push(`${lastSecondMs - lastMs} ms after request ${index + 1}`);
  }
  return { wrongPasses, passedBefore, passedAfter: await passesAt(lastMs + windowMs) };
}

/** Lets both meters see a target token now. */
export async function sendTarget({ mint, nowMs, send }: GateEnvironment): Promise<void> {
  const token = await mint.plain('target', nowMs());
  await Promise.all([send(token, 0), send(token, 1)]);
}
