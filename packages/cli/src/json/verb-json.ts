import { z } from 'zod';
import { COMPLETION, DOCTOR, INIT, INSPECT, PARITY, RUNBOOK, VERIFY } from './checks-json.ts';
import { CENSUS, GATE, HISTORY, REPORT, STRAGGLERS } from './evidence-json.ts';
import { BROWNOUT, GUARDED_MOVE, REOPEN, ROLLBACK } from './moves-json.ts';
import { failure } from './parts.ts';
import { STATUS } from './status-json.ts';

/** What each verb prints with `--json`, beside `verb` and `exitCode`: one of these shapes. */
export const VERB_JSON = {
  init: INIT,
  census: CENSUS,
  doctor: DOCTOR,
  verify: VERIFY,
  status: STATUS,
  advance: GUARDED_MOVE,
  rollback: ROLLBACK,
  gate: GATE,
  stragglers: STRAGGLERS,
  brownout: BROWNOUT,
  close: GUARDED_MOVE,
  reopen: REOPEN,
  history: HISTORY,
  report: REPORT,
  inspect: INSPECT,
  parity: PARITY,
  runbook: RUNBOOK,
  completion: COMPLETION,
} as const;
type VerbName = keyof typeof VERB_JSON;

/** The shapes of one verb. */
export type VerbJson<Verb extends VerbName> = z.infer<(typeof VERB_JSON)[Verb][number]>;

const exitCode = z.int().min(0).max(5);

/** Returns the schema of the whole documents that a verb prints, a failure of the command included. */
function verbDocument(verb: VerbName): z.ZodType {
  const head = { verb: z.literal(verb), exitCode };
  const results = VERB_JSON[verb].map((result: z.ZodObject) => result.extend(head));
  return z.union([...results, z.object({ ...head, error: failure })]).meta({
    title: `crossfade ${verb} --json`,
    description: `What crossfade ${verb} prints with --json. Times are ISO 8601 in UTC; null is unknown or none. Later versions may add properties.`,
  });
}

/** What is printed before a verb is known: a wrong command line, a help text, the version. */
const commandLineDocument = z
  .union([
    z.object({ verb: z.null(), exitCode, error: failure }),
    z.object({ help: z.string() }),
    z.object({ version: z.string() }),
  ])
  .meta({
    title: 'crossfade --json',
    description: 'What crossfade prints with --json before a verb is known: a wrong command line, --help, --version.',
  });

/** The names of the schema files: `crossfade`, for the command line, and each verb. */
export const SCHEMA_NAMES: readonly string[] = ['crossfade', ...Object.keys(VERB_JSON)];

/**
 * Returns a JSON Schema (draft 2020-12) by name, of {@link SCHEMA_NAMES}.
 * @param properties `open` is published: a later version may add some. `closed` refuses those that it does not name.
 */
export function verbJsonSchema(name: string, properties: 'open' | 'closed'): Record<string, unknown> {
  const schema = name === 'crossfade' ? commandLineDocument : verbDocument(name as VerbName);
  return z.toJSONSchema(schema, {
    io: properties === 'open' ? 'input' : 'output',
    // A list that our types call read-only is no read-only property (JSON Schema Validation §9.4).
    override: ({ jsonSchema }) => {
      delete jsonSchema.readOnly;
      // The name stands in `$defs`; in the schema it is a keyword of draft 4.
      delete jsonSchema.id;
    },
  }) as Record<string, unknown>;
}
