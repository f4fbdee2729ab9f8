import type { PolledFlagSource } from '@crossfade/flags/file';
import type { FlagJson } from '../contract/store-under-test.ts';

/**
 * Faults between a store and its source:
 * - `down`: every connection is destroyed, or the file is gone;
 * - `slow`: no response before the source's timeout;
 * - `html`: a page of a captive portal, with status 200;
 * - `broken json`: half a document;
 * - `cut off`: a response that ends before its length;
 * - `empty`: a response without bytes.
 */
export const STORE_FAULTS = ['down', 'slow', 'html', 'broken json', 'cut off', 'empty'] as const;
export type StoreFault = (typeof STORE_FAULTS)[number];

/** A store for a flag source, with controls to break it. */
export interface FaultyStore {
  /** Opens a source that caches the last good document in `cacheDirectory`. */
  open(cacheDirectory: string): PolledFlagSource;
  publish(flags: FlagJson): Promise<void>;
  /** Breaks it until it is repaired. */
  inflict(fault: StoreFault): Promise<void>;
  repair(): Promise<void>;
  /** Advances the store's clock with that of the source. */
  advance(durationMs: number): void;
  close(): Promise<void>;
}

export type CreateFaultyStore = (now: () => number) => Promise<FaultyStore>;
