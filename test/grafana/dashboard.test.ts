import { expect, it } from 'vitest';
import { createDashboard } from './dashboard.ts';

/** After a change: `npx vitest run --config test/vitest.config.ts --project house grafana -u`. */
it('is what deploy/ ships', async () => {
  await expect(`${JSON.stringify(createDashboard(), null, 2)}\n`).toMatchFileSnapshot(
    '../../deploy/grafana/crossfade.json',
  );
});
