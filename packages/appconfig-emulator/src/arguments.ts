import { parseArgs } from 'node:util';
import { z } from 'zod';

export const HELP = `Usage: crossfade-appconfig-emulator [--port <n>] [options]

A strict local AWS AppConfig: control plane and data plane on one port, in memory.
Point the AWS SDK or CLI at it: --endpoint-url http://127.0.0.1:<port>

  --port <n>                   port to listen on, 0 for any free one (default 2773)
  --host <address>             address to listen on (default 127.0.0.1)
  --poll-interval-seconds <n>  poll interval for every client; not an AWS setting
  --frozen                     start with the clock stopped; move it with POST /_emulator/clock
  --help, -h                   print this and exit
  --version, -v                print the version and exit

Requests must be signed; any credentials do. To move the clock and inject faults:
  curl http://127.0.0.1:<port>/_emulator/clock  -d '{"advanceSeconds":600}'
  curl http://127.0.0.1:<port>/_emulator/faults -d '{"kind":"throttle","plane":"data","times":3}'
  curl http://127.0.0.1:<port>/_emulator/faults -X DELETE
It stops on SIGTERM or SIGINT; nothing is stored. Exit codes: 0 stopped, 2 cannot start.
`;

export interface ProgramOptions {
  readonly host: string;
  readonly port: number;
  readonly pollIntervalSeconds?: number;
  readonly frozen: boolean;
}

export type ReadArguments =
  | { readonly kind: 'run'; readonly options: ProgramOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'bad'; readonly problems: readonly string[] };

const KNOWN = ['port', 'host', 'poll-interval-seconds', 'frozen', 'help', 'version'];

const schema = z.object({
  port: wholeNumber(0, 65_535).default(2773),
  host: z.string({ error: 'takes an address' }).min(1, { error: 'takes an address' }).default('127.0.0.1'),
  'poll-interval-seconds': wholeNumber(1, 86_400).optional(),
  frozen: z.boolean({ error: 'takes no value' }).default(false),
  help: z.boolean({ error: 'takes no value' }).optional(),
  version: z.boolean({ error: 'takes no value' }).optional(),
});

function wholeNumber(minimum: number, maximum: number) {
  const error = `takes a whole number from ${minimum} to ${maximum}`;
  return z
    .string({ error })
    .regex(/^\d{1,9}$/, { error })
    .transform(Number)
    .pipe(z.number().min(minimum, { error }).max(maximum, { error }));
}

/** Reads the command line and reports every problem at once. */
export function readArguments(argv: readonly string[]): ReadArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    strict: false,
    allowPositionals: true,
    options: {
      port: { type: 'string' },
      host: { type: 'string' },
      'poll-interval-seconds': { type: 'string' },
      frozen: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
    },
  });
  if (values['help'] === true) return { kind: 'help' };
  if (values['version'] === true) return { kind: 'version' };
  const parsed = schema.safeParse(values);
  const problems = [
    ...Object.keys(values)
      .filter((name) => !KNOWN.includes(name))
      .map((name) => `${name.length === 1 ? '-' : '--'}${name} is not a known option`),
    ...positionals.map((argument) => `${argument} is not a known argument`),
    ...(parsed.error?.issues ?? []).map(({ path, message }) => `--${path.join('.')} ${message}`),
  ];
  if (!parsed.success || problems.length > 0) return { kind: 'bad', problems };
  const { port, host, frozen, 'poll-interval-seconds': pollIntervalSeconds } = parsed.data;
  return {
    kind: 'run',
    options: { host, port, frozen, ...(pollIntervalSeconds !== undefined && { pollIntervalSeconds }) },
  };
}
