import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
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

  it('says how many lines are no moves, and is empty without a file', async () => {
    const { writer, path } = setUp(QUARTER);
    expect(await writer.history()).toEqual([]);
    writeFileSync(`${path}.history.ndjson`, 'not json\n{"at":"today"}\n\n');
    await writer.write({ issuance: { percent: 50 } }, await writer.read(), 'planned', note);
    expect(await writer.history()).toMatchObject([
      { revision: '8' },
      { id: 'unreadable', atMs: NOW_MS, revision: null, description: '2 lines of the record cannot be read' },
    ]);
  });

  it('keeps a move apart from a line that a full disk tore', async () => {
    const { writer, path } = setUp(QUARTER);
    writeFileSync(`${path}.history.ndjson`, '{"at":"2026-05-04T09:59:00.000Z","revision":"7","verb":"adv');
    await writer.write({ issuance: { percent: 50 } }, await writer.read(), 'planned', note);
    expect(await writer.history()).toMatchObject([
      { revision: '8', to: { percent: 50 } },
      { description: '1 line of the record cannot be read' },
    ]);
  });

  it('is read from its end, however large it has become', async () => {
    const { writer, path } = setUp(QUARTER);
    await writer.write({ issuance: { percent: 50 } }, await writer.read(), 'planned', note);
    const [move] = readFileSync(`${path}.history.ndjson`, 'utf8').split('\n');
    writeFileSync(`${path}.history.ndjson`, `${'x'.repeat(3_000_000)}\n${move}\n`);
    expect(await writer.history()).toMatchObject([{ revision: '8' }]);
    truncateSync(`${path}.history.ndjson`, 5_000_000_000);
    await writer.write({ issuance: { percent: 60 } }, await writer.read(), 'planned', note);
    expect(await writer.history(1)).toMatchObject([{ revision: '9' }]);
  });

  it('is one and the same for a writer that comes by a symbolic link', async () => {
    const { folder, writer } = setUp(QUARTER);
    const linked = join(folder, 'link.json');
    symlinkSync('flags.json', linked);
    const other = createFileWriter({ path: linked, now: () => NOW_MS });
    await other.write({ issuance: { percent: 50 } }, await other.read(), 'planned', note);
    expect(await writer.history()).toHaveLength(1);
  });

  it.each([
    ['is a directory', (file: string) => mkdirSync(file)],
    ['is not a file', (file: string) => execFileSync('mkfifo', [file])],
  ])('names the record where it cannot be read: it %s', async (problem, make) => {
    const { writer, path } = setUp(QUARTER);
    make(`${path}.history.ndjson`);
    const refused = writer.history();
    await expect(refused).rejects.toThrow(UnavailableError);
    await expect(refused).rejects.toThrow(`history.ndjson ${problem}`);
    const receipt = await writer.write({ issuance: { percent: 0 } }, await writer.read(), 'emergency', note);
    expect(receipt.unrecorded).toContain(`history.ndjson ${problem}`);
  });

  it('of a flag file that does not exist is unavailable, and no empty list; a record outlives its flag file', async () => {
    const { writer, path } = setUp(QUARTER);
    await writer.write({ issuance: { percent: 50 } }, await writer.read(), 'planned', note);
    rmSync(path);
    expect(await writer.history()).toHaveLength(1);
    rmSync(`${path}.history.ndjson`);
    await expect(writer.history()).rejects.toThrow(/does not exist: correct flags\.path/);
  });

  it('is cut to its newer half when it grows', async () => {
    const { writer, path } = setUp(QUARTER);
    writeFileSync(`${path}.history.ndjson`, `${'x'.repeat(100)}\n`.repeat(6000));
    await writer.write({ issuance: { percent: 50 } }, await writer.read(), 'planned', note);
    expect(statSync(`${path}.history.ndjson`).size).toBeLessThan(400_000);
    expect(await writer.history()).toMatchObject([
      { revision: '8' },
      { description: '3000 lines of the record cannot be read' },
    ]);
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

it('throws UnavailableError for a pipe at once, instead of waiting for its other end', async () => {
  const path = join(temporaryFolder(), 'flags.json');
  execFileSync('mkfifo', [path]);
  await expect(createFileWriter({ path }).read()).rejects.toThrow(`${path} is not a file`);
});

it('throws UnavailableError when a mount does not respond in time', async () => {
  const { path } = setUp(QUARTER);
  // A pipe that no process writes: like a network mount that hangs.
  execFileSync('mkfifo', [`${path}.lock`]);
  const writer = createFileWriter({ path, timeoutMs: 50 });
  const refused = writer.write({ issuance: { percent: 0 } }, { text: '', version: '' }, 'emergency');
  await expect(refused).rejects.toThrow(`${path} did not respond in time`);
  closeSync(openSync(`${path}.lock`, 'r+'));
});

it('throws UnavailableError when the path is a directory', async () => {
  await expect(createFileWriter({ path: temporaryFolder() }).read()).rejects.toThrow(UnavailableError);
});
