import { describe, expect, it } from 'vitest';
import { startSidecar } from '../fixture/sidecar.ts';
import { createWorkplace, PLAN } from '../fixture/workplace.ts';

async function createClosedWorkplace() {
  const workplace = await createWorkplace();
  await workplace.writeFlags({
    'issue-target': { enabled: true, percent: 100, revision: '9' },
    'accept-legacy': { enabled: false },
  });
  const sidecar = await startSidecar(workplace.flagsPath);
  await workplace.writePlan({ ...PLAN, gate: { sidecars: [sidecar.url] } });
  return { ...workplace, sidecar };
}

describe('crossfade reopen', () => {
  it('opens the legacy audience without asking, leaves logins unchanged, and can be repeated', async () => {
    const { crossfade, flags } = await createClosedWorkplace();
    const result = await crossfade(['reopen', '--json']);
    expect(result.exitCode).toBe(0);
    expect(result.json()).toMatchObject({ outcome: 'done', revision: '10', pending: [] });
    expect(await flags()).toMatchObject({ document: { acceptance: 'both', issuance: { percent: 100 } } });
    const again = await crossfade(['reopen', '--json']);
    expect(again.exitCode).toBe(0);
    expect(again.json()).toMatchObject({ outcome: 'unchanged' });
  });

  it('ends with 4 when a meter does not show it', async () => {
    const { crossfade, sidecar, flags } = await createClosedWorkplace();
    await sidecar.close();
    const interrupt = new AbortController();
    const pending = crossfade(['reopen'], { signal: interrupt.signal });
    await expect.poll(flags).toMatchObject({ document: { acceptance: 'both' } });
    interrupt.abort();
    const result = await pending;
    expect(result.exitCode).toBe(4);
    expect(result.stdout).toContain(sidecar.url);
  });
});
