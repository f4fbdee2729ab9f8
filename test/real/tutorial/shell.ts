import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A shell that a reader types into, with what it and the programs that it started have printed. */
export interface Shell {
  /** Runs commands to their end. Programs that they put into the background go on. */
  run(commands: string, timeoutMs: number): Promise<{ readonly exitCode: number }>;
  /** Returns what was printed since the last commands began. */
  printed(): string;
  /** Ends the shell and everything that it started. */
  close(): Promise<void>;
}

/** Starts bash in a folder. `scratch` is for the commands, which no reader has as a file. */
export function startShell(folder: string, scratch: string, env: NodeJS.ProcessEnv): Shell {
  // A process group of its own, so that its end takes the programs in the background along.
  const bash = spawn('bash', ['--noprofile', '--norc'], { cwd: folder, env, detached: true, stdio: 'pipe' });
  let output = '';
  for (const stream of [bash.stdout, bash.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = `${output}${text}`.slice(-100_000);
    });
  }
  const exited = once(bash, 'exit');
  let isRunning = true;
  void exited.then(() => {
    isRunning = false;
  });
  const killAll = () => {
    try {
      process.kill(-(bash.pid ?? 0), 'SIGKILL');
    } catch {
      // Everything has ended.
    }
  };
  process.once('exit', killAll);
  bash.stdin.write('exec 2>&1\n');
  let count = 0;

  return {
    async run(commands, timeoutMs) {
      count += 1;
      const file = join(scratch, `commands-${count}.sh`);
      writeFileSync(file, commands);
      output = '';
      bash.stdin.write(`source '${file}' </dev/null; printf '\\nended %s %s\\n' ${count} "$?"\n`);
      const end = new RegExp(`\\nended ${count} (\\d+)\\n`);
      const deadlineMs = performance.now() + timeoutMs;
      for (;;) {
        const [line, exitCode] = end.exec(output) ?? [];
        if (line !== undefined) {
          output = output.replace(line, '\n');
          return { exitCode: Number(exitCode) };
        }
        if (!isRunning) throw new Error(`the shell ended in the midst of:\n${commands}\n${output}`);
        if (performance.now() > deadlineMs) throw new Error(`not done after ${timeoutMs} ms:\n${commands}\n${output}`);
        await delay(20);
      }
    },
    printed: () => output,
    async close() {
      process.off('exit', killAll);
      killAll();
      if (isRunning) await exited;
    },
  };
}
