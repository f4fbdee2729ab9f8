import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ConflictError, parseFlagDocument, UnavailableError } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import { createFileWriter } from '../../src/file/file-writer.ts';
import { temporaryFolder } from '../fixture/temporary-folder.ts';

const NOW_MS = Date.parse('2026-05-04T10:00:00.000Z');
const QUARTER = JSON.stringify({
  'issue-target': { enabled: true, percent: 25, revision: '7' },
  'new-dashboard-beta': { enabled: true },
});

function setUp(text?: string) {
  const folder = temporaryFolder();
  const path = join(folder, 'flags.json');
  if (text !== undefined) writeFileSync(path, text);
  const document = () => {
    const parsed = parseFlagDocument(readFileSync(path, 'utf8'));
    return parsed.ok ? parsed.document : undefined;
  };
  return { folder, path, document, writer: createFileWriter({ path, now: () => NOW_MS }) };
}

it('changes one switch, increments the revision and leaves the rest unchanged', async () => {
  const { writer, document, folder } = setUp(QUARTER);
  const receipt = await writer.write({ issuance: { percent: 50 } }, await writer.read(), 'planned');
  expect(receipt).toEqual({ revision: '8', writtenAtMs: NOW_MS });
  expect(document()).toMatchObject({
    acceptance: 'both',
    issuance: { percent: 50, revision: '8', sinceMs: NOW_MS },
    features: new Map([['new-dashboard-beta', true]]),
  });
  expect(readdirSync(folder)).toEqual(['flags.json']);
});

it('never makes a missing file, in an emergency neither, and says who does', async () => {
  const { writer, folder } = setUp();
  await expect(writer.read()).rejects.toThrow(UnavailableError);
  const write = writer.write({ issuance: { percent: 0 } }, { text: '', version: '' }, 'emergency');
  await expect(write).rejects.toThrow(/flags\.json does not exist: .*crossfade init does/);
  expect(readdirSync(folder)).toEqual([]);
});

it('names the file and hashes its flags, and hashes nothing that cannot be read', async () => {
  const { writer, path } = setUp(QUARTER);
  expect(await writer.read()).toMatchObject({ source: `file ${path}`, hash: expect.stringMatching(/^[0-9a-f]{12}$/) });
  writeFileSync(path, '{ broken');
  expect(await writer.read()).not.toHaveProperty('hash');
});

describe('the record of moves', () => {
  const note = { verb: 'advance', operator: 'alice@host', reason: 'caf\u00e9 closes' };

  it('holds who moved what, when and why, newest first', async () => {
    const { writer } = setUp(QUARTER);
    await writer.write({ issuance: { percent: 50 } }, await writer.read(), 'planned', note);
    await writer.write({ issuance: { percent: 0 } }, await writer.read(), 'emergency', {
      verb: 'rollback',
      operator: 'bob',
    });
    expect(await writer.history()).toEqual([
      {
        ...{ id: 'revision 9', revision: '9', atMs: NOW_MS, state: 'written', verb: 'rollback', operator: 'bob' },
        ...{ from: { percent: 50, acceptance: 'both' }, to: { percent: 0, acceptance: 'both' } },
      },
      {
        ...{ id: 'revision 8', revision: '8', atMs: NOW_MS, state: 'written', ...note },
        ...{ from: { percent: 25, acceptance: 'both' }, to: { percent: 50, acceptance: 'both' } },
      },
    ]);
    expect(await writer.history(1)).toHaveLength(1);
    expect(await writer.running()).toEqual([]);
  });

  it('leaves out lines that are no moves, and is empty without a file', async () => {
    const { writer, path } = setUp(QUARTER);
    expect(await writer.history()).toEqual([]);
    writeFileSync(`${path}.history.ndjson`, 'not json\n{"at":"today"}\n\n');
    expect(await writer.history()).toEqual([]);
  });

  it('is cut to its newer half when it grows', async () => {
    const { writer, path } = setUp(QUARTER);
    writeFileSync(`${path}.history.ndjson`, `${'x'.repeat(100)}\n`.repeat(6000));
    await writer.write({ issuance: { percent: 50 } }, await writer.read(), 'planned', note);
    expect(statSync(`${path}.history.ndjson`).size).toBeLessThan(400_000);
    expect(await writer.history()).toHaveLength(1);
  });

  it('never fails a move: the receipt says that it is not recorded', async () => {
    const { writer, path, document } = setUp(QUARTER);
    mkdirSync(`${path}.history.ndjson`);
    const receipt = await writer.write({ issuance: { percent: 0 } }, await writer.read(), 'emergency', note);
    expect(receipt.unrecorded).toContain('history.ndjson is a directory');
    expect(document()?.issuance.percent).toBe(0);
  });
});

it('keeps the mode of the file, whatever the umask', async () => {
  const { writer, path } = setUp(QUARTER);
  chmodSync(path, 0o666);
  await writer.write({ issuance: { percent: 50 } }, await writer.read(), 'planned');
  expect(statSync(path).mode & 0o777).toBe(0o666);
});

it('writes through a symbolic link', async () => {
  const { path, folder } = setUp(QUARTER);
  const linked = join(folder, 'link.json');
  symlinkSync('flags.json', linked);
  const writer = createFileWriter({ path: linked });
  await writer.write({ acceptance: 'target' }, await writer.read(), 'planned');
  expect(lstatSync(linked).isSymbolicLink()).toBe(true);
  expect(readFileSync(path, 'utf8')).toContain('"accept-legacy"');
});

it('refuses a planned write after another process changed the file, and says when', async () => {
  const { writer, path, document } = setUp(QUARTER);
  const stored = await writer.read();
  writeFileSync(path, QUARTER.replace('25', '30'));
  const refused = writer.write({ issuance: { percent: 50 } }, stored, 'planned');
  await expect(refused).rejects.toThrow(ConflictError);
  await expect(refused).rejects.toThrow(/flags\.json was changed by another process at \d{4}-/);
  expect(document()?.issuance.percent).toBe(30);
});

it('refuses a write if the file was deleted since the read', async () => {
  const { writer, path } = setUp(QUARTER);
  const stored = await writer.read();
  rmSync(path);
  await expect(writer.write({ issuance: { percent: 50 } }, stored, 'planned')).rejects.toThrow(UnavailableError);
});

it('applies an emergency write to the current document', async () => {
  const { writer, path, document } = setUp(QUARTER);
  const stored = await writer.read();
  writeFileSync(
    path,
    QUARTER.replace('"new-dashboard-beta":{"enabled":true}', '"new-dashboard-beta":{"enabled":false}'),
  );
  await writer.write({ issuance: { percent: 0 } }, stored, 'emergency');
  expect(document()).toMatchObject({
    issuance: { enabled: false },
    features: new Map([['new-dashboard-beta', false]]),
  });
});

it('replaces a broken document in an emergency', async () => {
  const { writer, document } = setUp('{"issue-target": {');
  await writer.write({ issuance: { percent: 0 } }, await writer.read(), 'emergency');
  expect(document()).toMatchObject({ acceptance: 'both', issuance: { enabled: false } });
});

it('lets one of several concurrent writers win and rejects the others with a conflict', async () => {
  const { writer, document, folder } = setUp(QUARTER);
  const stored = await writer.read();
  const writes = Array.from({ length: 8 }, (_, index) =>
    writer.write({ issuance: { percent: 30 + index } }, stored, 'planned'),
  );
  const ends = await Promise.allSettled(writes);
  const reasons = ends.filter((end) => end.status === 'rejected').map(({ reason }) => reason);
  expect(reasons).toHaveLength(7);
  expect(reasons.every((reason) => reason instanceof ConflictError)).toBe(true);
  expect(document()?.issuance.revision).toBe('8');
  expect(readdirSync(folder)).toEqual(['flags.json']);
});

it('names the owner of the lock that blocks the write', async () => {
  const { writer, path } = setUp(QUARTER);
  const owner = { pid: process.pid, host: hostname(), since: '2026-05-04T09:59:00.000Z' };
  writeFileSync(`${path}.lock`, JSON.stringify(owner));
  await expect(writer.write({ issuance: { percent: 50 } }, await writer.read(), 'planned')).rejects.toThrow(
    `process ${process.pid} on ${hostname()} (since 2026-05-04T09:59:00.000Z) is writing; if that process no longer runs, remove ${path}.lock`,
  );
});

it('throws UnavailableError when the directory is missing', async () => {
  const writer = createFileWriter({ path: join(temporaryFolder(), 'missing', 'flags.json') });
  const refused = writer.write({ issuance: { percent: 50 } }, { text: '', version: '' }, 'planned');
  await expect(refused).rejects.toThrow(UnavailableError);
  await expect(refused).rejects.toThrow(/missing\/flags\.json does not exist/);
});

it('throws UnavailableError when the path is a directory', async () => {
  await expect(createFileWriter({ path: temporaryFolder() }).read()).rejects.toThrow(UnavailableError);
});
