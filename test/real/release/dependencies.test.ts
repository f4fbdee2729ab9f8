import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startLoopbackServer } from '../fixture/loopback-server.ts';

const root = resolve(import.meta.dirname, '../../..');

/** Runs a script of .ci beside this process, whose servers have to answer it. */
function ci(script: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  return new Promise<{ code: number; output: string }>((resolveExit) => {
    execFile(process.execPath, [join(root, '.ci', script), ...args], { cwd: root, env }, (error, stdout, stderr) => {
      resolveExit({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

const npmRegistry = process.env['npm_config_registry'] ?? 'https://registry.npmjs.org/';

/** Asks `npm run audit` with a registry that answers every audit alike; pnpm itself comes from the real one. */
async function auditWith(status: number, body: object) {
  const registry = await startLoopbackServer(({ method, url = '/' }, response) => {
    if (method === 'GET') response.writeHead(302, { location: new URL(url.slice(1), npmRegistry).href }).end();
    else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  onTestFinished(() => registry.close());
  return ci('audit.mjs', [], { ...process.env, npm_config_registry: registry.url });
}

const weakness = (id: string, name: string, events: object[], more: object = {}) => ({
  id,
  modified: '2026-11-01T00:00:00Z',
  summary: `the summary of ${id}`,
  affected: [{ package: { ecosystem: 'npm', name }, ranges: [{ type: 'SEMVER', events }] }],
  ...more,
});

describe('what an install of the packages brings along', () => {
  it('is listed with its licences, all of them ones that we take', async () => {
    expect(await ci('licences.mjs', ['--check'])).toEqual({ code: 0, output: '' });
  });

  it("is looked up in a copy of OSV's records: by name, by each kind of event, and without those withdrawn", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'crossfade-osv-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const records = [
      weakness('OPEN', 'jose', [{ introduced: '0' }]),
      weakness('AGAIN', 'pino', [{ fixed: '1.0.0' }, { introduced: '2.0.0' }, { introduced: '0' }]),
      weakness('LAST', 'zod', [{ introduced: '4.0.0' }, { last_affected: '99.0.0' }]),
      weakness('MENDED', 'jose', [{ introduced: '0' }, { fixed: '6.0.0' }]),
      weakness('PAST', 'zod', [{ introduced: '0' }, { last_affected: '3.0.0' }]),
      weakness('LATER', 'zod', [{ introduced: '99.0.0' }]),
      weakness('WITHDRAWN', 'jose', [{ introduced: '0' }], { withdrawn: '2026-11-02T00:00:00Z' }),
      weakness('STRANGER', 'left-pad', [{ introduced: '0' }]),
    ];
    for (const record of records) writeFileSync(join(folder, `${record.id}.json`), JSON.stringify(record));
    const { code, output } = await ci('audit.mjs', ['--osv', folder]);
    const found = [...output.matchAll(/: ([A-Z]+), the summary of \1$/gm)].map(([, id]) => id);
    expect({ code, found }).toEqual({ code: 1, found: ['AGAIN', 'LAST', 'OPEN'] });
    expect(output).toMatch(
      /audit: 8 records, the newest of 2026-11-01T00:00:00Z, know 3 weaknesses of \d+ packages\n$/,
    );
  });

  it('is asked of the registry, which names a weakness', async () => {
    const advisory = {
      module_name: 'jose',
      vulnerable_versions: '<99',
      severity: 'high',
      title: 'a title',
      url: 'https://x',
    };
    const metadata = { vulnerabilities: { info: 0, low: 0, moderate: 0, high: 1, critical: 0 } };
    expect(await auditWith(200, { actions: [], muted: [], advisories: { 1: advisory }, metadata })).toEqual({
      code: 1,
      output: 'jose <99: high, a title (https://x)\naudit: the registry knows 1 weaknesses\n',
    });
  });

  it('is called unknown where the registry or the folder does not answer', async () => {
    const refused = await auditWith(405, {});
    expect(refused).toMatchObject({
      code: 3,
      output: expect.stringMatching(/nothing was checked. The registry said: .* 405/),
    });
    expect(await ci('audit.mjs', ['--osv', 'no-such-folder'])).toMatchObject({
      code: 3,
      output: expect.stringContaining('nothing was checked. no-such-folder'),
    });
    expect((await ci('audit.mjs', ['--osv'])).code).toBe(2);
  });
});
