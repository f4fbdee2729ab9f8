import exec from 'k6/execution';
import { SECONDS } from './settings.ts';

export interface Phases {
  /** The names, in their order. */
  readonly names: readonly string[];
  /** The phase of an iteration that starts now. */
  now(): string;
  /** When a phase starts, as a k6 duration from the start of the test. */
  startOf(name: string): string;
  /** How long a phase is, as a k6 duration. */
  lengthOf(name: string): string;
}

/** @param starts where each phase starts, as a share of the test's duration; the first one starts at 0. */
export function createPhases(starts: Readonly<Record<string, number>>): Phases {
  const entries = Object.entries(starts);
  const names = entries.map(([name]) => name);
  const secondsAt = (index: number): number => (entries[index]?.[1] ?? 1) * SECONDS;
  return {
    names,
    now() {
      const elapsed = exec.instance.currentTestRunDuration / 1000;
      return names.findLast((_, index) => elapsed >= secondsAt(index)) ?? names[0] ?? '';
    },
    startOf: (name) => `${Math.round(secondsAt(names.indexOf(name)) * 1000)}ms`,
    lengthOf(name) {
      const index = names.indexOf(name);
      return `${Math.round((secondsAt(index + 1) - secondsAt(index)) * 1000)}ms`;
    },
  };
}
