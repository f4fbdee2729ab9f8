import type { VerbDefinition } from './verb.ts';
import { advance } from './verbs/advance.ts';
import { close } from './verbs/close.ts';
import { doctor } from './verbs/doctor.ts';
import { gate } from './verbs/gate.ts';
import { inspect } from './verbs/inspect.ts';
import { reopen } from './verbs/reopen.ts';
import { rollback } from './verbs/rollback.ts';
import { status } from './verbs/status.ts';
import { stragglers } from './verbs/stragglers.ts';

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
