import type { PolledFlagSource } from '@crossfade/flags/file';
import type { FlagJson } from '../contract/store-under-test.ts';

/**
 * What goes wrong between a store and its source:
 * - `down`: every connection is destroyed, or the file is gone;
 * - `slow`: no answer comes before the source's deadline;
 * - `html`: a page of somebody in between, with status 200;
 * - `broken json`: an answer that is half a document;
 * - `cut off`: an answer that ends before its length;
 * - `empty`: an answer of no bytes.
 */
export const STORE_FAULTS = ['down', 'slow', 'html', 'broken json', 'cut off', 'empty'] as const;
export type StoreFault = (typeof STORE_FAULTS)[number];

/** A store that a source looks at, and the hands that break it in every way. */
export interface FaultyStore {
  /** A source that keeps a copy of the last good document in `cacheDirectory`. */
  open(cacheDirectory: string): PolledFlagSource;
  publish(flags: FlagJson): Promise<void>;
  /** Breaks it until it is repaired. */
  inflict(fault: StoreFault): Promise<void>;
  repair(): Promise<void>;
  /** Moves the store's own time with that of the source. */
  advance(durationMs: number): void;
  close(): Promise<void>;
}

export type CreateFaultyStore = (now: () => number) => Promise<FaultyStore>;
