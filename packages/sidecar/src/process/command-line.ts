import { parseArgs } from 'node:util';
import { ConfigError } from '@crossfade/core';

export const HELP = `crossfade-sidecar --config crossfade.yaml

Counts an API's traffic by access-token audience.

Options
  --config <file>  the migration plan, with a sidecar section (default: crossfade.yaml)
  --help, -h       this text
  --version, -v    the version

Every setting of the plan's sidecar, flags and revocation sections can be overridden by
environment: CROSSFADE_SIDECAR_LISTEN, CROSSFADE_FLAGS_PATH, CROSSFADE_REVOCATION_REDIS ...

CROSSFADE_SIDECAR_READ_TOKEN, a secret of 16 characters or more, adds /status, /stragglers and
/census to the port of sidecar.metrics, for requests that carry it as a Bearer token.

CROSSFADE_STATE_DIRECTORY names a folder for a copy of the last good flags and of the issuers'
public keys, so that a restart without network keeps the switch positions and judges (default:
systemd's StateDirectory=). Only this user should be able to write there.

Signals
  SIGTERM, SIGINT  go out of service, finish requests in flight, log the final counts, exit
  SIGHUP           reload the certificate of the data port

Exit codes
  0  success, or stopped by SIGTERM or SIGINT
  2  usage or configuration error; every problem is listed
  3  unexpected failure
`;

/** A command, parsed from the command line. */
export type Command =
  | { readonly name: 'run'; readonly config: string }
  | { readonly name: 'help' }
  | { readonly name: 'version' };

/**
 * Parses the command line.
 * @throws {@link ConfigError} for an unknown option or a missing value.
 */
export function parseCommandLine(argv: readonly string[]): Command {
  const { help, version, config } = parsed(argv);
  if (help === true) return { name: 'help' };
  if (version === true) return { name: 'version' };
  return { name: 'run', config: config ?? 'crossfade.yaml' };
}

function parsed(argv: readonly string[]) {
  try {
    const options = {
      config: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
    } as const;
    return parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ConfigError('command line', [
      { path: '', message },
      { path: '', message: 'see crossfade-sidecar --help' },
    ]);
  }
}

/**
 * The folder for the sidecar's copies of the flags and the keys: `CROSSFADE_STATE_DIRECTORY`, else the first folder of systemd's
 * `StateDirectory=`. There is no other default: a container's file system is often read-only, or lost on a restart.
 */
export function stateFolder(env: NodeJS.ProcessEnv): string | undefined {
  return env['CROSSFADE_STATE_DIRECTORY'] || env['STATE_DIRECTORY']?.split(':')[0] || undefined;
}
