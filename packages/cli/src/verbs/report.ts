import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConfigError, CrossfadeError, errorCode, formatDuration, parseFlagDocument } from '@crossfade/core';
import { migrationReport } from '../audit/migration-report.ts';
import { reportPage } from '../audit/report-page.ts';
import { openFlagStore } from '../flag-store/open-flag-store.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import type { MigrationReport } from '../json/evidence-json.ts';
import type { VerbJson } from '../json/verb-json.ts';
import { planStatus, readBrownoutIfReachable, readFleetOrWarn, readMintingIfReachable } from '../output/plan-status.ts';
import { EXIT } from '../verb/exit-code.ts';
import type { Report } from '../verb/report.ts';
import type { Invocation, VerbResult } from '../verb/verb.ts';
import { readVersion } from '../verb/version.ts';

/** As many as the store is asked for: a migration has tens of moves. */
const MAX_MOVES = 1000;

export async function run(invocation: Invocation): Promise<VerbResult<VerbJson<'report'>>> {
  const { options, report, now, cwd, operator } = invocation;
  const plan = await invocation.plan();
  const fleet = openFleet(plan, invocation);
  const writer = await openFlagStore(plan, now);
  const unknown: string[] = [];
  const stored = await writer.read();
  const moves = await writer.history(MAX_MOVES).catch((error: unknown) => {
    if (!(error instanceof CrossfadeError)) throw error;
    unknown.push(`every move: the record cannot be read (${error.message})`);
    return undefined;
  });
  const parsed = parseFlagDocument(stored.text);
  if (!parsed.ok) unknown.push('where the switches stand: the flag document in the store is broken');
  const document = parsed.ok ? parsed.document : undefined;
  const snapshot = await readFleetOrWarn({ fleet, frame: { document, hash: stored.hash } }, report, now());
  const minting = document && (await readMintingIfReachable(fleet, document.issuance, now()));
  const brownout =
    document === undefined
      ? null
      : await readBrownoutIfReachable({ document, moves: moves ?? null }, { fleet, snapshot }, now());
  const nowMs = now();
  const evidence = migrationReport({
    plan,
    moves,
    status: document && planStatus(plan, document, snapshot, nowMs, minting),
    brownout,
    store: { source: stored.source ?? null, hash: stored.hash ?? null },
    unknown,
    nowMs,
    operator,
    version: readVersion(),
  });
  printReport(report, evidence);
  const html = options.text('html');
  if (html !== undefined) {
    const path = resolve(cwd, html);
    await writePage(path, reportPage(evidence));
    report.field('page', path);
  }
  return { exitCode: EXIT.done, json: { ...evidence } };
}

function printReport(
  report: Report,
  { migration, phase, phases, moves, gate, checks, unknown }: MigrationReport,
): void {
  report.print(report.style('bold', `${migration}: ${phase ?? 'phase unknown'}`));
  for (const { phase: name, startedAt, endedAt, seconds } of phases)
    report.field(name, `${startedAt} to ${endedAt ?? 'now'} (${formatDuration(seconds * 1000)})`);
  report.field('moves', `${moves.length}, see crossfade history`);
  for (const { verb, at, operator, evidence } of moves)
    if (verb === 'close') report.field('close', `${at} by ${operator}: ${evidence ?? 'no evidence recorded'}`);
  report.field('gate', gate?.verdict ?? 'unknown');
  for (const { instance, side, by, accepts } of checks)
    report.field('checks', `${instance}: ${side} ${accepts}, by ${by}`);
  for (const what of unknown) report.field('unknown', what, 'yellow');
}

async function writePage(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    const message = `${path} cannot be written (${errorCode(error) ?? 'unknown reason'}): name a file in a folder that exists`;
    throw new ConfigError('report', [{ path: '--html', message }]);
  }
}
