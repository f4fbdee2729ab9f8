import { describe, expect, it } from 'vitest';
import { startSidecar } from '../fixture/sidecar.ts';
import { createWorkplace, PLAN } from '../fixture/workplace.ts';

async function createMigratingWorkplace(
  flags: object | string = { 'issue-target': { enabled: true, percent: 50, revision: '3' } },
) {
  const workplace = await createWorkplace();
  await workplace.writeFlags(flags);
  const sidecar = await startSidecar(workplace.flagsPath);
  await workplace.writePlan({ ...PLAN, gate: { sidecars: [sidecar.url] } });
  return { ...workplace, sidecar };
}

describe('crossfade rollback', () => {
  it('switches all logins back to legacy, prints the time to effect, and ends when every meter shows it', async () => {
    const { crossfade, flags } = await createMigratingWorkplace();
    const result = await crossfade(['rollback']);
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toMatch(/effect +all readers of the flags follow within 1s/);
    expect(result.stdout).toMatch(/confirmed +1 of 1 meters show it/);
    expect(await flags()).toMatchObject({ document: { acceptance: 'both', issuance: { enabled: false, percent: 0 } } });
  });

  it('can be repeated', async () => {
    const { crossfade, flags } = await createMigratingWorkplace();
    expect(await crossfade(['rollback', '--json'])).toMatchObject({ exitCode: 0 });
    const again = await crossfade(['rollback', '--json']);
    expect(again.exitCode).toBe(0);
    expect(again.json()).toMatchObject({ outcome: 'done', from: { percent: 0 }, pending: [] });
    expect(await flags()).toMatchObject({ document: { issuance: { percent: 0 } } });
  });

  it('writes before it reads a meter, so that one that is down cannot delay it', async () => {
    const { crossfade, sidecar, flags } = await createMigratingWorkplace();
    await sidecar.close();
    const interrupt = new AbortController();
    const pending = crossfade(['rollback', '--json'], { signal: interrupt.signal });
    await expect.poll(flags).toMatchObject({ document: { issuance: { percent: 0 } } });
    interrupt.abort();
    const result = await pending;
    expect(result.exitCode).toBe(4);
    expect(result.json()).toMatchObject({
      outcome: 'unconfirmed',
      convergedAt: null,
      pending: [{ meter: sidecar.url }],
    });
  });

  it('works without meters in the plan and says that nothing confirms it', async () => {
    const { crossfade, writePlan, flags } = await createMigratingWorkplace();
    await writePlan(PLAN);
    const result = await crossfade(['rollback']);
    expect(result.exitCode).toBe(4);
    expect(result.stdout).toContain('the plan names no meters');
    expect(await flags()).toMatchObject({ document: { issuance: { percent: 0 } } });
  });

  it('reopens a closed audience and waits for the APIs before it switches logins', async () => {
    const { crossfade, flags, sidecar } = await createMigratingWorkplace({
      'issue-target': { enabled: true, percent: 100, revision: '9' },
      'accept-legacy': { enabled: false },
    });
    const result = await crossfade(['rollback', '--json']);
    expect(result.exitCode).toBe(0);
    expect(result.json()).toMatchObject({
      from: { percent: 100, acceptance: 'target' },
      reopened: { revision: '10' },
      revision: '11',
    });
    expect(await flags()).toMatchObject({ document: { acceptance: 'both', issuance: { percent: 0 } } });
    expect(sidecar.status.migration).toBe('orders-2026');
  });

  it('leaves logins unchanged while a closed API does not show that it is open again', async () => {
    const { crossfade, writePlan, flags } = await createMigratingWorkplace({
      'issue-target': { enabled: true, percent: 100, revision: '9' },
      'accept-legacy': { enabled: false },
    });
    const closed = await startSidecar();
    closed.status.acceptance = 'target';
    closed.status.shown = { legacy: false, target: true };
    await writePlan({ ...PLAN, gate: { sidecars: [closed.url] } });
    const interrupt = new AbortController();
    const pending = crossfade(['rollback', '--json'], { signal: interrupt.signal });
    await expect.poll(flags).toMatchObject({ document: { acceptance: 'both' } });
    interrupt.abort();
    const result = await pending;
    expect(result.exitCode).toBe(1);
    expect(result.json()).toMatchObject({ outcome: 'refused', refusals: [{ guard: 'fleet_reopened' }] });
    expect(await flags()).toMatchObject({ document: { issuance: { percent: 100 } } });
  });

  it('prints what is written before it waits for the meters', async () => {
    const { crossfade, sidecar, flags } = await createMigratingWorkplace();
    await sidecar.close();
    const interrupt = new AbortController();
    let seen = '';
    const stdout = { write: (text: string) => (seen += text) };
    const pending = crossfade(['rollback'], { signal: interrupt.signal, stdout });
    await expect.poll(() => seen).toMatch(/written +revision 4 at .*\n +effect +all readers .* within 1s/);
    expect(await flags()).toMatchObject({ document: { issuance: { percent: 0 } } });
    interrupt.abort();
    await pending;
  });

  it('needs no confirmation from an instance that --without names', async () => {
    const { crossfade, sidecar, writePlan } = await createMigratingWorkplace();
    const dead = await startSidecar();
    await dead.close();
    await writePlan({ ...PLAN, gate: { sidecars: [sidecar.url, dead.url] } });
    const result = await crossfade(['rollback', '--without', dead.url.replace('http://', '')]);
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toMatch(/confirmed +1 of 1 meters show it/);
    expect(result.stdout).toContain(`${dead.url}: whether it follows is not known`);
  });

  it('names the instance to leave out, and a name that is none', async () => {
    const { crossfade, sidecar, writePlan } = await createMigratingWorkplace();
    const dead = await startSidecar();
    await dead.close();
    await writePlan({ ...PLAN, gate: { sidecars: [sidecar.url, dead.url] } });
    const interrupted = async (name: string) => {
      const interrupt = new AbortController();
      const stdout = { write: (text: string) => void (/waiting/.test(text) && interrupt.abort()) };
      return (await crossfade(['rollback', '--without', name], { signal: interrupt.signal, stdout })).stderr;
    };
    const stderr = await interrupted('10.0.0.7:9464');
    expect(stderr).toContain(`crossfade rollback --without ${dead.url}\n`);
    expect(stderr).toContain('--without 10.0.0.7:9464: no such meter is known. Known: ');
    const token = `eyJ${'a'.repeat(40)}`;
    expect(await interrupted(token)).not.toContain(token);
  });

  it('confirms nothing where no instance is left to ask', async () => {
    const { crossfade, sidecar } = await createMigratingWorkplace();
    await sidecar.close();
    const result = await crossfade(['rollback', '--without', sidecar.url]);
    expect(result).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/unconfirmed +no meter is left to ask/),
    });
    expect(result.stdout).not.toMatch(/^ +confirmed/m);
  });

  it('says how to roll back by hand where the plan is wrong', async () => {
    const { crossfade, writePlan } = await createMigratingWorkplace();
    await writePlan({ ...PLAN, sidecr: {} });
    const { exitCode, stderr } = await crossfade(['rollback']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/sidecr.*\n.*\nNothing was written\. .*crossfade runbook flag-store-down/);
  });

  it('waits for no instance after a close with --now, and says what it would wait for without', async () => {
    const { crossfade, writePlan, flags } = await createMigratingWorkplace({
      'issue-target': { enabled: true, percent: 100, revision: '9' },
      'accept-legacy': { enabled: false },
    });
    const closed = await startSidecar();
    let reads = 0;
    Object.defineProperty(closed.status, 'shown', {
      enumerable: true,
      get: () => ({ legacy: ++reads === 0, target: true }),
    });
    await writePlan({ ...PLAN, gate: { sidecars: [closed.url] } });
    const interrupt = new AbortController();
    const waiting = crossfade(['rollback'], { signal: interrupt.signal });
    await expect.poll(() => reads, { timeout: 10_000 }).toBeGreaterThan(1);
    interrupt.abort();
    const refused = await waiting;
    expect(refused.stdout).toMatch(/fleet_reopened: .* (refuses legacy tokens|was closed when it was last seen)/);
    expect(refused.stderr).toContain('crossfade rollback --now');
    expect(refused.stderr).toContain(`crossfade rollback --without ${closed.url}`);
    expect(await crossfade(['rollback', '--now', '--json'])).toMatchObject({ exitCode: 0 });
    expect(await flags()).toMatchObject({ document: { issuance: { percent: 0 } } });
  });

  it('writes at once over a broken document that no instance shows as closed', async () => {
    const { crossfade, sidecar, flags } = await createMigratingWorkplace('{ broken');
    await sidecar.close();
    const interrupt = new AbortController();
    const pending = crossfade(['rollback'], { signal: interrupt.signal });
    await expect.poll(flags).toMatchObject({ ok: true, document: { acceptance: 'both', issuance: { percent: 0 } } });
    interrupt.abort();
    const { exitCode, stdout } = await pending;
    expect(exitCode).toBe(4);
    expect(stdout).toContain('all logins switch back to the legacy audience (now unknown)');
  });

  it('opens the audience first where the document is broken and an instance shows that it is closed', async () => {
    const { crossfade, flags, sidecar } = await createMigratingWorkplace('{ broken');
    sidecar.status.shown = { legacy: false, target: true };
    const interrupt = new AbortController();
    const pending = crossfade(['rollback'], { signal: interrupt.signal });
    await expect.poll(flags).toMatchObject({ ok: true, document: { acceptance: 'both', issuance: { percent: 100 } } });
    delete sidecar.status.shown;
    expect((await pending).exitCode).toBe(0);
    expect(await flags()).toMatchObject({ document: { issuance: { percent: 0 } } });
  });

  it('replaces a broken document once the fleet shows that it accepts legacy', async () => {
    const { crossfade, flags } = await createMigratingWorkplace('{ broken');
    const result = await crossfade(['rollback']);
    expect(result.exitCode).toBe(0);
    expect(result.stderr).toContain('The flag document in the store is broken');
    expect(await flags()).toMatchObject({ ok: true, document: { issuance: { percent: 0 } } });
  });

  it('prints what to do by hand when the flag store cannot be reached', async () => {
    const { crossfade, writePlan, folder } = await createMigratingWorkplace();
    await writePlan({ ...PLAN, flags: { source: 'file', path: folder } });
    const result = await crossfade(['rollback']);
    expect(result.exitCode).toBe(3);
    expect(result.stderr).toContain(`edit ${folder}`);
    const json = (await crossfade(['rollback', '--json'])).json();
    expect(json).toMatchObject({
      exitCode: 3,
      outcome: 'unavailable',
      breakGlass: expect.arrayContaining([expect.stringContaining('"enabled": false')]),
    });
  });

  it('accepts --yes, which it does not need', async () => {
    const { crossfade } = await createMigratingWorkplace();
    expect(await crossfade(['rollback', '--yes'])).toMatchObject({ exitCode: 0 });
  });

  it('takes no arguments', async () => {
    const { crossfade } = await createMigratingWorkplace();
    expect(await crossfade(['rollback', 'now'])).toMatchObject({ exitCode: 2 });
    expect(await crossfade(['rollback', '--to', '5'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--to: is an option of another verb'),
    });
  });

  it('prints with --dry-run what it would write, and writes nothing', async () => {
    const { crossfade, flags } = await createMigratingWorkplace({
      'issue-target': { enabled: true, percent: 100, revision: '9' },
      'accept-legacy': { enabled: false },
    });
    const result = await crossfade(['rollback', '--dry-run', '--json']);
    expect(result.json()).toMatchObject({
      exitCode: 0,
      outcome: 'dry-run',
      from: { percent: 100, acceptance: 'target' },
      wouldWrite: { flags: { 'issue-target': { enabled: false }, 'accept-legacy': { enabled: true } } },
    });
    expect(await flags()).toMatchObject({ document: { acceptance: 'target', issuance: { percent: 100 } } });
  });

  it('says, when interrupted while an instance refuses legacy, what is written and what is not', async () => {
    const { crossfade, writePlan } = await createMigratingWorkplace({
      'issue-target': { enabled: true, percent: 100, revision: '9' },
      'accept-legacy': { enabled: false },
    });
    const closed = await startSidecar();
    closed.status.shown = { legacy: false, target: true };
    await writePlan({ ...PLAN, gate: { sidecars: [closed.url] } });
    const interrupt = new AbortController();
    let seen = '';
    const stdout = { write: (text: string) => (seen += text) };
    const pending = crossfade(['rollback'], { signal: interrupt.signal, stdout });
    await expect.poll(() => seen, { timeout: 10_000 }).toContain('waiting');
    interrupt.abort();
    const { stderr } = await pending;
    expect(seen).toContain(
      `for ${closed.url}, which refuses legacy tokens; to go on at once: crossfade rollback --without ${closed.url} or crossfade rollback --now`,
    );
    expect(stderr).toContain('Interrupted. Written: APIs accept both sides again (revision 10).');
    expect(stderr).toContain('Not written: 100% of logins still ask for target.');
    expect(stderr).toContain('crossfade rollback --now');
  });

  describe('long after a reopening, while an instance shows that it still refuses legacy', () => {
    async function createStuckWorkplace() {
      const { writePlan, ...workplace } = await createMigratingWorkplace({
        'issue-target': { enabled: true, percent: 100, revision: '9' },
        'accept-legacy': { enabled: true, since: new Date(Date.now() - 60_000).toISOString() },
      });
      const stuck = await startSidecar();
      stuck.status.shown = { legacy: false, target: true };
      await writePlan({ ...PLAN, gate: { sidecars: [stuck.url] } });
      const interrupt = new AbortController();
      let seen = '';
      const stdout = { write: (text: string) => (seen += text) };
      const start = () => workplace.crossfade(['rollback'], { signal: interrupt.signal, stdout });
      const waits = () => expect.poll(() => seen, { timeout: 10_000 }).toContain('refuses legacy tokens');
      return { ...workplace, stuck, interrupt, start, waits };
    }
    const unwritten = { document: { issuance: { percent: 100 } } };

    it('leaves logins unchanged when it is interrupted', async () => {
      const { start, waits, interrupt, flags } = await createStuckWorkplace();
      const pending = start();
      await waits();
      interrupt.abort();
      expect((await pending).exitCode).toBe(1);
      expect(await flags()).toMatchObject(unwritten);
    });

    it('leaves logins unchanged when it is interrupted before the first response', async () => {
      const { start, interrupt, flags } = await createStuckWorkplace();
      interrupt.abort();
      const { exitCode, stderr } = await start();
      expect(exitCode).toBe(1);
      expect(stderr).toContain('Interrupted. Nothing is written');
      expect(await flags()).toMatchObject(unwritten);
    });

    it('waits as long as the flags may take once that instance falls silent, because it may be up again', async () => {
      const { start, waits, interrupt, stuck, flags } = await createStuckWorkplace();
      let silent = 0;
      const pending = start();
      await waits();
      Object.defineProperty(stuck, 'bodyInstead', { get: () => `not a status ${++silent}` });
      await expect.poll(() => silent, { timeout: 10_000 }).toBeGreaterThan(2);
      interrupt.abort();
      expect((await pending).exitCode).toBe(1);
      expect(await flags()).toMatchObject(unwritten);
    });
  });

  it('waits no longer for a reopening that lies ahead, by a clock or a hand that was wrong, than for one of now', async () => {
    const { crossfade, sidecar, flags } = await createMigratingWorkplace({
      'issue-target': { enabled: true, percent: 100, revision: '9' },
      'accept-legacy': { enabled: true, since: '2062-11-27T12:00:00Z' },
    });
    sidecar.status.shown = { legacy: null, target: null };
    expect(await crossfade(['rollback'])).toMatchObject({ exitCode: 0 });
    expect(await flags()).toMatchObject({ document: { issuance: { percent: 0 } } });
  });

  it('reopens again where another operator closes during its wait, before a login returns to legacy', async () => {
    const issueTarget = { enabled: true, percent: 100, revision: '9' };
    const { crossfade, sidecar, writeFlags } = await createMigratingWorkplace({
      'issue-target': issueTarget,
      'accept-legacy': { enabled: true, since: new Date().toISOString() },
    });
    sidecar.status.shown = { legacy: false, target: true };
    let seen = '';
    const stdout = { write: (text: string) => (seen += text) };
    const pending = crossfade(['rollback'], { stdout });
    await expect.poll(() => seen, { timeout: 10_000 }).toContain('refuses legacy tokens');
    await writeFlags({ 'issue-target': issueTarget, 'accept-legacy': { enabled: false } });
    sidecar.status.shown = { legacy: true, target: true };
    expect((await pending).exitCode).toBe(0);
    expect((await crossfade(['history', '--json'])).json()).toMatchObject({
      moves: [
        { from: { percent: 100, acceptance: 'both' }, to: { percent: 0, acceptance: 'both' } },
        { from: { percent: 100, acceptance: 'target' }, to: { percent: 100, acceptance: 'both' } },
      ],
    });
  });

  it('is written all the same where a sidecar reads another store, says so, and does not wait for it', async () => {
    const { crossfade, sidecar, flags } = await createMigratingWorkplace();
    sidecar.status.flags.source = 'appconfig orders/staging/crossfade';
    const result = await crossfade(['rollback']);
    expect(result.exitCode).toBe(4);
    expect(result.stdout).toMatch(/unconfirmed +http.* reads another store, .*: this change does not reach it/);
    expect(result.stdout).not.toContain('waiting');
    expect(await flags()).toMatchObject({ document: { issuance: { percent: 0 } } });
  });
});
