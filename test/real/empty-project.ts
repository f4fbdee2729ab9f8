import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Exit, execute } from './real-part.ts';

/** A project of a user of the packages, outside the repository, with its own Node. */
export interface EmptyProject {
  readonly folder: string;
  /** Runs a shell command in the project. */
  run(command: string): Exit;
  /** Starts an installed program. */
  start(program: string, ...args: string[]): ChildProcess;
}

/** Creates an empty project that runs `node`, and so npm, with the given program. A dependency that rejects it is an error. */
export function emptyProject(folder: string, node: string): EmptyProject {
  const bin = join(folder, '.node');
  mkdirSync(bin, { recursive: true });
  symlinkSync(execFileSync('sh', ['-c', 'command -v "$0"', node], { encoding: 'utf8' }).trim(), join(bin, 'node'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  writeFileSync(join(folder, '.npmrc'), 'engine-strict=true\n');

  // `npm run test:real` passes its own npm configuration to children; a user's project has none of it.
  const inherited = Object.entries(process.env).filter(([name]) => !/^npm_(?!config_registry$)/i.test(name));
  const env = { ...Object.fromEntries(inherited), PATH: `${bin}${delimiter}${process.env['PATH']}` };
  return {
    folder,
    run: (command) => execute('sh', ['-c', command], folder, env),
    start: (program, ...args) => spawn(join(folder, 'node_modules/.bin', program), args, { cwd: folder, env }),
  };
}

/** Waits until a program has printed a matching line. @throws when it exits before, with its output. */
export async function printed(program: ChildProcess, line: RegExp): Promise<void> {
  let output = '';
  await new Promise<void>((resolve, reject) => {
    for (const stream of [program.stdout, program.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (line.test(output)) resolve();
      });
    }
    program.once('error', reject);
    program.once('close', (code) =>
      reject(new Error(`expected output that matches ${line}; the program exited with ${code}: ${output}`)),
    );
  });
}

/** Sends SIGTERM to a program, and returns its exit code: null when it did not handle the signal. */
export async function terminate(program: ChildProcess): Promise<number | null> {
  const closed = once(program, 'close');
  program.kill('SIGTERM');
  const [code] = await closed;
  return code;
}
