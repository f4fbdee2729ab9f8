import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConfigError, describeProblem, errorCode } from '@crossfade/core';
import { parseObservationPlanText } from '@crossfade/core/plan-file';
import { pino } from 'pino';
import { HELP, parseCommandLine, stateFolder } from './process/command-line.ts';
import { resolvePlanPaths } from './process/plan-folder.ts';
import { VERSION } from './process/version.ts';
import { startSidecar } from './start-sidecar.ts';

const EXIT_CONFIG = 2;
const EXIT_FAILURE = 3;

// Silences the AWS SDK's warning on Node 20 that its releases of 2027 require a newer one: the README says so.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

try {
  const command = parseCommandLine(process.argv.slice(2));
  if (command.name === 'help') process.stdout.write(HELP);
  else if (command.name === 'version') process.stdout.write(`${VERSION}\n`);
  else await run(command.config);
} catch (error) {
  process.exitCode = fail(error);
}

async function run(config: string): Promise<void> {
  const log = pino({ name: 'crossfade-sidecar', base: { pid: process.pid } });
  const plan = resolvePlanPaths(parseObservationPlanText(await readPlan(config), process.env), dirname(config));
  const folder = stateFolder(process.env);
  const sidecar = await startSidecar(plan, {
    logger: log,
    environment: process.env,
    ...(folder !== undefined && { stateFolder: folder }),
  });
  const { dataUrl, adminUrl, metricsUrl } = sidecar;
  const work = dataUrl === '' ? 'collecting judgements' : `listening on ${dataUrl}`;
  log.info(
    { event: 'listening', data: dataUrl, admin: adminUrl, ...(metricsUrl !== undefined && { metrics: metricsUrl }) },
    `${work}, admin on ${adminUrl}${metricsUrl === undefined ? '' : `, metrics on ${metricsUrl}`}`,
  );
  if (metricsUrl === undefined && process.env['CROSSFADE_SIDECAR_READ_TOKEN'] !== undefined) {
    log.warn(
      { event: 'read_token' },
      'CROSSFADE_SIDECAR_READ_TOKEN opens nothing: set sidecar.metrics, the port that takes it, or unset the token',
    );
  }

  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    log.info({ event: 'stopping', signal }, 'stopping: finishing requests in flight');
    sidecar.close().then(
      () => log.info({ event: 'stopped' }, 'stopped'),
      (error: unknown) => {
        process.exitCode = fail(error);
      },
    );
  };
  // A second SIGTERM must not cut the drain short: a pod's preStop hook sends the first, its kubelet another in its turn.
  process.on('SIGTERM', stop).once('SIGINT', stop);
  process.on('SIGHUP', () => {
    sidecar.renewCertificate().then(
      () => log.info({ event: 'certificate' }, 'certificate renewed'),
      (error: unknown) =>
        log.warn(
          { event: 'certificate', problem: messageOf(error) },
          'certificate not renewed: the previous one stays in use',
        ),
    );
  });
}

async function readPlan(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = errorCode(error) ?? 'unknown reason';
    throw new ConfigError('plan', [
      { path: '--config', message: code === 'ENOENT' ? `${path} does not exist` : `cannot read ${path} (${code})` },
    ]);
  }
}

function fail(error: unknown): number {
  if (error instanceof ConfigError) {
    const problems = error.problems.map((problem) => `  ${describeProblem(problem)}\n`).join('');
    process.stderr.write(`crossfade-sidecar: the configuration is invalid\n${problems}`);
    return EXIT_CONFIG;
  }
  process.stderr.write(`crossfade-sidecar: ${messageOf(error)}\n`);
  return EXIT_FAILURE;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
