import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { execute, missing } from '../fixture/real-part.ts';

const root = resolve(import.meta.dirname, '../../..');

interface Figures {
  readonly requests: number;
  readonly rejectedShare: number;
  readonly checksPassedShare: number;
}

describe.skipIf(missing('k6'))('k6 against the lab', () => {
  it('gets no valid token of either audience rejected at a steady rate', () => {
    const { code, output } = execute(
      process.execPath,
      ['load/dist/k6/main.js', '--seconds', '8', '--rate', '60'],
      root,
    );
    const json = output.split('\n').find((line) => line.startsWith('{')) ?? '{}';
    const figures = JSON.parse(json) as Figures;
    expect(figures, output).toMatchObject({ rejectedShare: 0, checksPassedShare: 1 });
    expect(figures.requests).toBeGreaterThan(300);
    expect(code, output).toBe(0);
  });

  it('names the accepted range of an option that is out of it', () => {
    const { code, output } = execute(process.execPath, ['load/dist/k6/main.js', '--rate', 'fast'], root);
    expect(code).toBe(2);
    expect(output).toContain('--rate one from 2 to 5000');
  });
});
