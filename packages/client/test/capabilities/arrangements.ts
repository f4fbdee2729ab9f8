import { LEGACY_SIDE, TARGET_SIDE } from '../fixture/provider-fixture.ts';
import { LEGACY_RESOURCE, TARGET_RESOURCE } from '../fixture/provider-resources.ts';
import type { Arrangement } from './journey.ts';

/** The API's scope values differ, and a `resource` chooses the audience. */
const BY_RESOURCE = { legacy: LEGACY_SIDE, target: TARGET_SIDE };
/** As that, and legacy has a `resource`, too, so that a refresh can ask for either. */
const BY_TWO_RESOURCES = { legacy: { ...LEGACY_SIDE, resource: LEGACY_RESOURCE }, target: TARGET_SIDE };
/** Both sides ask for the same scope, so that no response shows its side. */
const ONE_SCOPE = {
  legacy: { scope: 'openid orders:read' },
  target: { scope: 'openid orders:read', resource: TARGET_RESOURCE },
};
/** A scope chooses the audience, as at Entra or Keycloak. */
const BY_SCOPE = { legacy: LEGACY_SIDE, target: { scope: TARGET_SIDE.scope } };

/** The providers of the table, by what they can do. */
export const ARRANGEMENTS: Readonly<Record<string, Arrangement>> = {
  'keeps the audience of the login': {
    ...BY_RESOURCE,
    refresh: 'keep',
    provider: {},
  },
  'keeps it, though the selector says `retarget`': {
    ...BY_RESOURCE,
    refresh: 'retarget',
    provider: { widens: true, mints: { refresh: 'login' } },
  },
  'retargets by `resource`, both sides with one': {
    ...BY_TWO_RESOURCES,
    refresh: 'retarget',
    provider: { widens: true },
  },
  'retargets by `resource`, legacy without one': {
    ...BY_RESOURCE,
    refresh: 'retarget',
    provider: { widens: true },
  },
  'retargets by `resource`, both sides with the same scope': {
    ...ONE_SCOPE,
    refresh: 'retarget',
    provider: {},
  },
  'retargets by `scope`': {
    ...BY_SCOPE,
    refresh: 'retarget',
    provider: { chooses: 'scope', widens: true },
  },
  'moves by a login only': {
    ...BY_RESOURCE,
    refresh: 'reauthenticate',
    provider: {},
  },
  'refuses the move: `invalid_scope`': {
    ...BY_RESOURCE,
    refresh: 'retarget',
    provider: {},
  },
  'refuses the move: `invalid_target`': {
    ...BY_RESOURCE,
    refresh: 'retarget',
    provider: { widens: true, refuses: { at: 'refresh', asks: 'target', error: 'invalid_target' } },
  },
  'refuses the move: `unauthorized_client`': {
    ...BY_RESOURCE,
    refresh: 'retarget',
    provider: { widens: true, refuses: { at: 'refresh', asks: 'target', error: 'unauthorized_client' } },
  },
  'refuses the move: `interaction_required`': {
    ...BY_RESOURCE,
    refresh: 'retarget',
    provider: { widens: true, refuses: { at: 'refresh', asks: 'target', error: 'interaction_required' } },
  },
  'refuses the move, and spends the refresh token': {
    ...BY_RESOURCE,
    refresh: 'retarget',
    provider: { widens: true, refuses: { at: 'refresh', asks: 'target', error: 'invalid_target', spends: true } },
  },
  'refuses target at the login: `invalid_target`': {
    ...BY_RESOURCE,
    refresh: 'keep',
    provider: { refuses: { at: 'authorization', asks: 'target', error: 'invalid_target' } },
  },
  'refuses target at the login: `invalid_scope`': {
    ...BY_RESOURCE,
    refresh: 'keep',
    provider: { refuses: { at: 'authorization', asks: 'target', error: 'invalid_scope' } },
  },
  'refuses target for the code: `invalid_target`': {
    ...BY_RESOURCE,
    refresh: 'keep',
    provider: { refuses: { at: 'code', asks: 'target', error: 'invalid_target' } },
  },
  'refuses target for the code: `unauthorized_client`': {
    ...BY_RESOURCE,
    refresh: 'keep',
    provider: { refuses: { at: 'code', asks: 'target', error: 'unauthorized_client' } },
  },
  'mints the default at every request, the scope shows it': {
    ...BY_RESOURCE,
    refresh: 'retarget',
    provider: { widens: true, mints: { code: 'default', refresh: 'default' } },
  },
  'mints the default at every request, without a scope': {
    ...BY_RESOURCE,
    refresh: 'retarget',
    provider: { widens: true, mints: { code: 'default', refresh: 'default' }, showsScope: false },
  },
  'mints the default at a refresh, the scope shows it': {
    ...BY_RESOURCE,
    refresh: 'keep',
    provider: { widens: true, mints: { refresh: 'default' } },
  },
  'mints the default at a refresh, without a scope': {
    ...BY_RESOURCE,
    refresh: 'keep',
    provider: { widens: true, mints: { refresh: 'default' }, showsScope: false },
  },
  'does not rotate': {
    ...BY_RESOURCE,
    refresh: 'keep',
    provider: { rotates: false },
  },
  'does not rotate, and retargets': {
    ...BY_RESOURCE,
    refresh: 'retarget',
    provider: { rotates: false, widens: true },
  },
  'gives no refresh token': {
    ...BY_RESOURCE,
    refresh: 'keep',
    provider: { issuesRefreshToken: false },
  },
  'answers a move with `invalid_grant`': {
    ...BY_RESOURCE,
    refresh: 'retarget',
    provider: { widens: true, refuses: { at: 'refresh', asks: 'target', error: 'invalid_grant' } },
  },
  'ends sessions: `invalid_grant`': {
    ...BY_RESOURCE,
    refresh: 'keep',
    provider: { refuses: { at: 'refresh', error: 'invalid_grant' } },
  },
  'wants the user: `interaction_required`': {
    ...BY_RESOURCE,
    refresh: 'keep',
    provider: { refuses: { at: 'refresh', error: 'interaction_required' } },
  },
};
