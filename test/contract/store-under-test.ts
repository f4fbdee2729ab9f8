import type { PolledFlagSource } from '@crossfade/flags/file';

export type FlagJson = Readonly<Record<string, { readonly enabled: boolean } & Readonly<Record<string, unknown>>>>;

/** A store that a flag source looks at, and the hands that change and break it. It begins with nothing in it. */
export interface StoreUnderTest {
  /** `cacheDirectory`: the folder for a copy of the last good document. Without it there is none. */
  open(cacheDirectory?: string): PolledFlagSource;
  publish(flags: FlagJson): Promise<void>;
  /** Serves something that is no flag document, the next time or from now on. */
  publishGarbage(): Promise<void>;
  breakDown(): Promise<void>;
  repair(): Promise<void>;
  close(): Promise<void>;
}
