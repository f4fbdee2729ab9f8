import type { LoadSummary } from './digest.ts';

/** Renders a summary for a terminal. */
export function printSummary(summary: LoadSummary): string {
  const { valid, phases, moves, hostile, slowClients, memory = [], thresholds, machine } = summary;
  const failed = thresholds.filter(({ held }) => !held);
  const lines = [
    `valid    ${valid.requests} requests, ${valid.rejected} rejected, p50 ${valid.p50Ms} ms, p99 ${valid.p99Ms} ms, ${valid.droppedArrivals} arrivals dropped`,
    ...phases.map(
      ({ phase, legacy, target, p50Ms, p99Ms }) =>
        `phase    ${phase}: legacy ${legacy.requests} (${legacy.rejected} rejected), target ${target.requests} (${target.rejected} rejected), p50 ${p50Ms} ms, p99 ${p99Ms} ms`,
    ),
    ...moves.map(({ move, succeeded, convergedMs, commands }) => {
      const ran = commands.map(({ verb, exitCode, durationMs }) => `${verb} exit ${exitCode} after ${durationMs} ms`);
      const converged = convergedMs === null ? '' : `, the fleet followed after ${convergedMs} ms`;
      return `move     ${move}: ${succeeded ? 'as it must' : 'NOT as it must'} (${ran.join(', ')}${converged})`;
    }),
    ...hostile.map(({ kind, sent, notRefused }) => `hostile  ${kind}: ${sent} sent, ${notRefused} not refused`),
    ...(slowClients === undefined
      ? []
      : [
          `hostile  slow: ${slowClients.sent} sent, ${slowClients.admitted} admitted, ${JSON.stringify(slowClients.statuses)}`,
        ]),
    ...memory.map(
      ({ name, earlyMb, lateMb, maxMb }) =>
        `memory   ${name}: ${earlyMb} MB early, ${lateMb} MB late, at most ${maxMb} MB`,
    ),
    `machine  ${machine.cores} cores, Node.js ${machine.node}, load average ${machine.loadAverage.map((load) => load.toFixed(1)).join(' before, ')} after`,
    ...failed.map(({ metric, threshold }) => `FAILED   ${metric}: ${threshold}`),
    failed.length === 0
      ? `all ${thresholds.length} thresholds held`
      : `${failed.length} of ${thresholds.length} thresholds failed`,
  ];
  return `${lines.join('\n')}\n`;
}
