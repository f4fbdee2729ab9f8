import { SIDES, type Side } from '@crossfade/core';

/** What a client's tokens are to the plan. The API takes all of them until it closes. */
export const TOKEN_KINDS = [
  /** Of one side, and accepted. */
  'plain',
  /** Legacy tokens that are verified as legacy, and refused for something else in them: a nonce, another audience. */
  'refused',
  /** Legacy tokens that are verified, with an audience that the plan does not name: its second spelling. */
  'foreign',
  /** Legacy tokens that nothing in the plan verifies: opaque, too large, of an unknown key. */
  'unverified',
  /** Every token carries both audiences, whatever a login asks for. */
  'bridge',
  /** Legacy tokens that carry both audiences, and that the target side refuses. */
  'halfBridge',
] as const;
export type TokenKind = (typeof TOKEN_KINDS)[number];

/** One token as an API and a meter see it. */
export type PresentedToken = Side | Exclude<TokenKind, 'plain'>;

/** What a meter notes of a token that the API accepted (contract §6). */
export interface Sighting {
  /** Moves `last_seen`, `latest_issued` and `latest_expiry` of legacy. */
  readonly legacy?: true;
  /** Moves `last_seen` of target. */
  readonly target?: true;
  /** Shows that the API accepts target. */
  readonly acceptsTarget?: true;
  /** The plan refuses it, and the API accepted it. */
  readonly disagreement?: 'verified' | 'unverified';
}

export const SIGHTINGS: Readonly<Record<PresentedToken, Sighting>> = {
  legacy: { legacy: true },
  target: { target: true, acceptsTarget: true },
  refused: { legacy: true, disagreement: 'verified' },
  foreign: { disagreement: 'verified' },
  unverified: { disagreement: 'unverified' },
  bridge: { target: true },
  halfBridge: { legacy: true, target: true },
};

export const PRESENTED_TOKENS = Object.keys(SIGHTINGS) as readonly PresentedToken[];

/** Returns what a client presents as its token of a side. */
export function presentedToken(kind: TokenKind, side: Side): PresentedToken {
  if (kind === 'bridge') return kind;
  return kind === 'plain' || side === 'target' ? side : kind;
}

/** Returns the sides by which an API may accept a token. */
export function sidesOf(token: PresentedToken): readonly Side[] {
  if (token === 'bridge') return SIDES;
  return token === 'target' ? ['target'] : ['legacy'];
}
