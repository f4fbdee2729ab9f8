import {
  createSelector,
  type Dialect,
  type RefreshCapability,
  type SelectableSide,
  type Selector,
} from '@crossfade/selector';
import { LEGACY_SIDE, TARGET_SIDE } from './provider-fixture.ts';

/** A real selector on a switch that the test moves. */
export interface IssuanceFixture {
  percent: number;
  /** Makes the switch throw, as if it could not be read. */
  broken: boolean;
  readonly selector: Selector;
}

export interface IssuanceFixtureOptions {
  readonly legacy?: SelectableSide;
  readonly target?: SelectableSide;
  readonly refresh?: RefreshCapability;
  readonly dialect?: Dialect;
  readonly salt?: string;
}

export function issuanceFixture(options: IssuanceFixtureOptions = {}): IssuanceFixture {
  const { legacy = LEGACY_SIDE, target = TARGET_SIDE, refresh = 'keep', dialect, salt = 'orders-2026' } = options;
  const fixture: IssuanceFixture = {
    percent: 0,
    broken: false,
    selector: createSelector({
      legacy,
      target,
      salt,
      refresh,
      ...(dialect !== undefined && { dialect }),
      issuance() {
        if (fixture.broken) throw new Error('the switch is broken');
        return { enabled: fixture.percent > 0, percent: fixture.percent, revision: '1', sinceMs: null };
      },
    }),
  };
  return fixture;
}
