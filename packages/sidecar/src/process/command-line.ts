import { parseArgs } from 'node:util';
import { ConfigError } from '@crossfade/core';

export const HELP = `crossfade-sidecar --config crossfade.yaml

Counts an API's traffic by access-token audience.

Options
  --config <file>  the migration plan; its sidecar section says what to do (default: crossfade.yaml)
  --help           this text
  --version        the version

Every setting of the plan's sidecar and flags sections can be overridden by environment:
CROSSFADE_SIDECAR_LISTEN, CROSSFADE_SIDECAR_UPSTREAM, CROSSFADE_FLAGS_PATH ...

CROSSFADE_STATE_DIRECTORY names a folder for a copy of the last good flags, so that a
restart without network keeps the switch positions (default: systemd's StateDirectory=).

Signals
  SIGTERM, SIGINT  go out of service, finish what is in flight, log the final counts, end
  SIGHUP           read the certificate of the data port again

Exit codes
  0  done, or stopped by SIGTERM or SIGINT
  2  wrong usage or configuration; every problem is listed
  3  stopped by an unexpected failure
`;

/** What the command line asks for. */
export type Command =
  | { readonly name: 'run'; readonly config: string }
  | { readonly name: 'help' }
  | { readonly name: 'version' };

/** @throws {@link ConfigError} for an unknown option or a missing value. */
export function parseCommandLine(argv: readonly string[]): Command {
  const { help, version, config } = parsed(argv);
  if (help === true) return { name: 'help' };
  if (version === true) return { name: 'version' };
  return { name: 'run', config: config ?? 'crossfade.yaml' };
}

function parsed(argv: readonly string[]) {
  try {
    const options = { config: { type: 'string' }, help: { type: 'boolean' }, version: { type: 'boolean' } } as const;
    return parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ConfigError('command line', [{ path: '', message }]);
  }
}
