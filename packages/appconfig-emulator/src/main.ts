import { readFileSync } from 'node:fs';
import { HELP, type ProgramOptions, readArguments } from './arguments.ts';

const BAD_CONFIGURATION = 2;

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use; choose another one with --port, or 0 for any free one',
  EACCES: 'permission denied; choose a port from 1024 on',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'the host name does not resolve',
};

await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<void> {
  const read = readArguments(argv);
  if (read.kind === 'help') {
    process.stdout.write(HELP);
    return;
  }
  if (read.kind === 'version') {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    process.stdout.write(`${version}\n`);
    return;
  }
  if (read.kind === 'bad') {
    fail([...read.problems, 'see --help']);
    return;
  }
  await run(read.options);
}

async function run({ host, port, frozen, ...options }: ProgramOptions): Promise<void> {
  // Loaded on demand, so that --help and a mistyped flag respond at once.
  const { createEmulator } = await import('./emulator.ts');
  const emulator = createEmulator(options);
  if (frozen) emulator.clock.freeze();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void emulator.close());
  try {
    const { url } = await emulator.listen({ host, port });
    process.stdout.write(`crossfade-appconfig-emulator listens on ${url}\n`);
  } catch (error) {
    fail([`cannot listen on ${host}:${port}: ${reasonOf(error)}`]);
  }
}

function reasonOf(error: unknown): string {
  const { code, message = 'unknown reason' } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  return (code === undefined ? undefined : REASONS[code]) ?? message;
}

function fail(problems: readonly string[]): void {
  for (const problem of problems) process.stderr.write(`crossfade-appconfig-emulator: ${problem}\n`);
  process.exitCode = BAD_CONFIGURATION;
}
