import { hostname, userInfo } from 'node:os';
import { run } from './run.ts';
import { isTerminalGone, processTerminal } from './verb/terminal.ts';
import { writesInProgress } from './verb/writes-in-progress.ts';

// On Node 20 the AWS SDK warns at every start that its releases of 2027 need Node 22. The README says so instead.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

// The reader of a pipe may leave (`| head`), and a disk may be full: the work of a verb does not depend on its output.
// A terminal that is gone fails at stdin, too.
for (const stream of [process.stdin, process.stdout, process.stderr]) stream.on('error', () => {});

const interrupt = new AbortController();
// A terminal that hangs up ends a wait, and no write.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  let isRepeated = false;
  // One listener for good: without any for a moment, Node.js would let the signal end the process.
  const hear = () => {
    if (isRepeated) endUnlessWriting(signal, hear);
    isRepeated = true;
    interrupt.abort();
  };
  process.on(signal, hear);
}

process.exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
  operator: `${userName()}@${hostname()}`,
  now: Date.now,
  isTerminal: process.stdout.isTTY === true && process.stdin.isTTY === true,
  terminal: processTerminal(),
  signal: interrupt.signal,
});
// At its end Node.js resets the terminal, and aborts where that is gone: SIGHUP ends the program instead, as it does others.
if (isTerminalGone()) {
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}

/** A repeated signal ends the program at once, but never in the middle of a write. */
function endUnlessWriting(signal: NodeJS.Signals, listener: () => void): void {
  if (writesInProgress() > 0) {
    process.stderr.write('crossfade: a write has begun, and is finished first\n');
    return;
  }
  process.removeListener(signal, listener);
  process.kill(process.pid, signal);
}

/** A container may run under a numeric user without a name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}
