import type { SidePlan } from '@crossfade/core';

/** What the selector needs of a side: what a login asks for. A whole `SidePlan` serves. */
export type SelectableSide = Pick<SidePlan, 'scope' | 'resource'> & Partial<Pick<SidePlan, 'issuer' | 'audience'>>;
