import type { VerbDefinition } from './verb.ts';
import { advance } from './verbs/advance.ts';
import { close } from './verbs/close.ts';
import { doctor } from './verbs/doctor.ts';
import { gate } from './verbs/gate.ts';
import { reopen } from './verbs/reopen.ts';
import { rollback } from './verbs/rollback.ts';
import { status } from './verbs/status.ts';

/** Every verb of this version, in the order a migration needs them. */
export const VERBS: readonly VerbDefinition[] = [doctor, status, advance, rollback, gate, close, reopen];

/** Verbs whose names are taken, and which a later version brings. */
export const LATER_VERBS: readonly string[] = ['init', 'verify', 'stragglers', 'history', 'inspect'];
