import { HELP, type ProgramOptions, readArguments } from './arguments.ts';
import { createEmulator } from './emulator.ts';

const BAD_CONFIGURATION = 2;

await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<void> {
  const read = readArguments(argv);
  if (read.kind === 'help') {
    process.stdout.write(HELP);
    return;
  }
  if (read.kind === 'bad') {
    fail([...read.problems, 'see --help']);
    return;
  }
  await run(read.options);
}

async function run({ host, port, frozen, ...options }: ProgramOptions): Promise<void> {
  const emulator = createEmulator(options);
  if (frozen) emulator.clock.freeze();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void emulator.close());
  try {
    const { url } = await emulator.listen({ host, port });
    process.stdout.write(`crossfade-appconfig-emulator listens on ${url}\n`);
  } catch (error) {
    fail([`can't listen on ${host}:${port}: ${error instanceof Error ? error.message : 'unknown reason'}`]);
  }
}

function fail(problems: readonly string[]): void {
  for (const problem of problems) process.stderr.write(`crossfade-appconfig-emulator: ${problem}\n`);
  process.exitCode = BAD_CONFIGURATION;
}
