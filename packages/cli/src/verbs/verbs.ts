import type { VerbDefinition } from '../verb/verb.ts';
import { advance } from './advance.ts';
import { close } from './close.ts';
import { doctor } from './doctor.ts';
import { gate } from './gate.ts';
import { inspect } from './inspect.ts';
import { reopen } from './reopen.ts';
import { rollback } from './rollback.ts';
import { status } from './status.ts';
import { stragglers } from './stragglers.ts';

/** Every verb of this version, in the order a migration needs them. */
export const VERBS: readonly VerbDefinition[] = [
  doctor,
  status,
  advance,
  rollback,
  gate,
  stragglers,
  close,
  reopen,
  inspect,
];

/** Verbs whose names are taken, and which a later version brings. */
export const LATER_VERBS: readonly string[] = ['init', 'verify', 'history'];
