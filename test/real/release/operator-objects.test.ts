import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { execute, missing, missingPath } from '../fixture/real-part.ts';

const kubernetes = resolve(import.meta.dirname, '../../../deploy/kubernetes');
/** The definitions of the Prometheus Operator's objects, of its release 0.88.0. */
const CRDS = process.env['CROSSFADE_CRDS'] ?? '/opt/crossfade-crds';

describe.skipIf(missing('kubectl-validate') || missingPath(CRDS))('the objects for the Prometheus Operator', () => {
  const validate = (path: string) =>
    execute('kubectl-validate', [path, '--local-crds', CRDS, '--version', '1.30'], kubernetes);

  it.each(['pod-monitor.yaml', 'service-monitor.yaml', 'prometheus-rule.yaml'])(
    'are what its definitions take: %s',
    (file) => {
      const { code, output } = validate(join(kubernetes, file));
      expect(code, output).toBe(0);
    },
  );

  it.each([
    ['pod-monitor.yaml', 'podMetricsEndpoints:', 'podMetricEndpoints:'],
    ['service-monitor.yaml', 'honorLabels: true', 'honourLabels: true'],
    ['prometheus-rule.yaml', 'alert: CrossfadeMetersGone', 'alarm: CrossfadeMetersGone'],
  ])('fail the validation with a misspelled key: %s', (file, key, misspelled) => {
    const folder = mkdtempSync(join(tmpdir(), 'crossfade-operator-'));
    try {
      const text = readFileSync(join(kubernetes, file), 'utf8');
      expect(text).toContain(key);
      writeFileSync(join(folder, file), text.replace(key, misspelled));
      expect(validate(join(folder, file)).code).not.toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
