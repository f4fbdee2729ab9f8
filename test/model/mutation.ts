import type { Rules } from './rules.ts';
import type { World } from './world.ts';

/** A deliberately broken Crossfade, the world in which the explorer must notice, and what breaks there first. */
export interface Mutation {
  readonly name: string;
  readonly breaks: string;
  readonly world: World;
  readonly rules: Rules;
}
