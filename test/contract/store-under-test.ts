import type { PolledFlagSource } from '@crossfade/flags/file';

export type FlagJson = Readonly<Record<string, { readonly enabled: boolean } & Readonly<Record<string, unknown>>>>;

/** A store for a flag source, with controls to change and break it. Empty at first. */
export interface StoreUnderTest {
  /** `cacheDirectory`: where the source caches the last good document. Default: no cache. */
  open(cacheDirectory?: string): PolledFlagSource;
  publish(flags: FlagJson): Promise<void>;
  /** Serves something that is not a flag document, once or from now on. */
  publishGarbage(): Promise<void>;
  breakDown(): Promise<void>;
  repair(): Promise<void>;
  close(): Promise<void>;
}
