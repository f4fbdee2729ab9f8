import type { VerbDefinition } from '../verb/verb.ts';
import { advance } from './advance.ts';
import { brownout } from './brownout.ts';
import { census } from './census.ts';
import { close } from './close.ts';
import { completion } from './completion.ts';
import { doctor } from './doctor.ts';
import { gate } from './gate.ts';
import { history } from './history.ts';
import { init } from './init.ts';
import { inspect } from './inspect.ts';
import { parity } from './parity.ts';
import { reopen } from './reopen.ts';
import { report } from './report.ts';
import { rollback } from './rollback.ts';
import { runbook } from './runbook.ts';
import { status } from './status.ts';
import { stragglers } from './stragglers.ts';
import { verify } from './verify.ts';

/** Every verb of this version, in the order in which a migration needs them. */
export const VERBS: readonly VerbDefinition[] = [
  init,
  census,
  doctor,
  verify,
  status,
  advance,
  rollback,
  gate,
  stragglers,
  brownout,
  close,
  reopen,
  history,
  report,
  inspect,
  parity,
  runbook,
  completion,
];

/** Names of verbs that a later version adds. */
export const RESERVED_VERBS: readonly string[] = ['render'];
