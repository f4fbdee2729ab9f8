import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { execute } from './fixture/real-part.ts';

const root = resolve(import.meta.dirname, '../..');

describe('the sidecar image', () => {
  it('contains a sidecar that runs, as the build steps of the Dockerfile show without a Docker engine', () => {
    const dockerfile = readFileSync(join(root, 'deploy/container/Dockerfile'), 'utf8');
    const steps = [...dockerfile.matchAll(/^RUN (.+)$/gm)].map(([, step]) => step ?? '');
    expect(steps).toHaveLength(3);
    const folder = mkdtempSync(join(tmpdir(), 'crossfade-image-'));
    try {
      const [src, app] = [join(folder, 'src'), join(folder, 'app')];
      const ignored = /(^|\/)(node_modules|dist|coverage|\.git)(\/|$)/;
      cpSync(root, src, { recursive: true, filter: (path) => !ignored.test(path.slice(root.length)) });
      for (const step of steps) {
        const { code, output } = execute('sh', ['-c', step.replace('/app', app)], src);
        expect(code, `${step}\n${output}`).toBe(0);
      }
      const entry = join(app, 'bin/crossfade-sidecar.js');
      expect(execute(process.execPath, [entry, '--help'], folder)).toMatchObject({ code: 0 });
      expect(execute(process.execPath, [entry, '--config', 'nowhere.yaml'], folder).code).toBe(2);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
