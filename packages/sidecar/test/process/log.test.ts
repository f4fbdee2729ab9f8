import { expect, test } from 'vitest';
import { logFlags } from '../../src/process/log.ts';
import { createSettableFlags } from '../fixture/flags.ts';
import { createRecordingLog } from '../fixture/log.ts';

test('positions are logged as information, and problems as warnings', () => {
  const log = createRecordingLog();
  const flags = createSettableFlags();
  logFlags(flags, log);
  flags.set({ problem: 'cannot read the file' });
  flags.set({ revision: '7' });
  const positions = { event: 'flags', acceptance: 'both', percent: 0 };
  expect(log.lines).toEqual([
    { level: 'info', fields: { ...positions, revision: null } },
    { level: 'warn', fields: { ...positions, revision: null, problem: 'cannot read the file' } },
    { level: 'warn', fields: { ...positions, revision: '7', problem: 'cannot read the file' } },
  ]);
});
