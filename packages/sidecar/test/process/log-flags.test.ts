import { expect, test } from 'vitest';
import { logFlags } from '../../src/process/log-flags.ts';
import { createHeldFlags } from '../fixture/flags.ts';
import { createRecordingLog } from '../fixture/log.ts';

test('logs positions as information, and problems as warnings', () => {
  const log = createRecordingLog();
  const flags = createHeldFlags();
  logFlags(flags, log);
  flags.set({ problem: 'the file can not be read' });
  flags.set({ revision: '7' });
  expect(log.lines).toEqual([
    { level: 'info', fields: { event: 'flags', revision: null, acceptance: 'both', percent: 0 } },
    {
      level: 'warn',
      fields: { event: 'flags', revision: null, acceptance: 'both', percent: 0, problem: 'the file can not be read' },
    },
    {
      level: 'warn',
      fields: { event: 'flags', revision: '7', acceptance: 'both', percent: 0, problem: 'the file can not be read' },
    },
  ]);
});
