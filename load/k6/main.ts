import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ConfigError } from '@crossfade/core';
import { loadLab } from './load-lab.ts';
import { HELP, type LoadOptions, parseLoadOptions } from './load-options.ts';
import { K6_FILES } from './run-k6.ts';
import { printSummary } from './summary/print.ts';

const EXIT = { done: 0, failed: 1, usage: 2, unavailable: 3, threshold: 99 } as const;
const SUMMARY_FILE = 'summary.json';

// On Node 20 the AWS SDK warns that its releases of 2027 will not support it. The README says so already.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

async function main(): Promise<number> {
  const command = parseLoadOptions(process.argv.slice(2));
  if (command.command === 'help') {
    process.stdout.write(HELP);
    return EXIT.done;
  }
  return run({ ...command, out: resolve(command.out) });
}

async function run(options: LoadOptions): Promise<number> {
  const { scenario, rate, seconds, out } = options;
  mkdirSync(out, { recursive: true });
  // What an earlier run left must not pass for the results of this one.
  for (const file of [SUMMARY_FILE, ...Object.values(K6_FILES)]) rmSync(join(out, file), { force: true });
  process.stdout.write(`${scenario}: the lab starts\n`);
  const { k6, summary } = await loadLab(options, () =>
    process.stdout.write(`${scenario}: ${rate} requests/s with valid tokens for ${seconds}s, through two sidecars\n`),
  );
  if (k6.code === -1) {
    process.stderr.write('k6 is not installed: .ci/install-real-parts installs it\n');
    return EXIT.unavailable;
  }
  if (summary === undefined) {
    process.stderr.write(`k6 exited with ${k6.code} before its summary\n`);
    return EXIT.failed;
  }
  writeFileSync(join(out, SUMMARY_FILE), `${JSON.stringify(summary, undefined, 2)}\n`);
  process.stdout.write(
    `${printSummary(summary)}written  ${out}/{${SUMMARY_FILE},${Object.values(K6_FILES).join(',')}}\n`,
  );
  if (k6.code !== 0) return k6.code;
  return summary.passed ? EXIT.done : EXIT.threshold;
}

// What was started ends with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(EXIT.failed));

process.exitCode = await main().catch((error: Error) => {
  if (error instanceof ConfigError) {
    for (const { path, message } of error.problems) process.stderr.write(`${path} ${message}\n`);
    process.stderr.write('npm run load -- --help lists what there is.\n');
    return EXIT.usage;
  }
  process.stderr.write(`${error.message}\n`);
  return EXIT.failed;
});
