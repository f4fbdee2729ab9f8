import { LOGIN_OUTCOMES, MINTED_SIDES, REFRESH_OUTCOMES } from '../vocabulary/client-outcome.ts';
import type { MetricDefinition } from '../vocabulary/metric-definition.ts';
import { SELECTION_REASONS } from '../vocabulary/selection.ts';
import { SIDES } from '../vocabulary/side.ts';

/** The metrics of OAuth clients, by a short name. */
export const OF_CLIENTS = {
  selections: {
    name: 'crossfade_selections_total',
    type: 'counter',
    help: 'Logins, refreshes and machine tokens by the side that the selector chose, and why. Of OAuth clients.',
    note: 'A series appears when first seen.',
    labels: { side: SIDES, reason: SELECTION_REASONS },
  },
  logins: {
    name: 'crossfade_logins_total',
    type: 'counter',
    help: 'Logins by outcome. Of OAuth clients.',
    labels: { outcome: LOGIN_OUTCOMES },
  },
  refreshes: {
    name: 'crossfade_refreshes_total',
    type: 'counter',
    help: 'Refreshes of sessions by outcome. Of OAuth clients.',
    labels: { outcome: REFRESH_OUTCOMES },
  },
  mints: {
    name: 'crossfade_mints_total',
    type: 'counter',
    help: 'Access tokens by the side that was selected and the side that the token response shows. Of OAuth clients.',
    note: '`asked="target",minted="legacy"` must stay 0.',
    labels: { asked: SIDES, minted: MINTED_SIDES },
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;
