import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loopbackPort } from '../fixture/loopback-port.ts';
import { startLoopbackServer } from '../fixture/loopback-server.ts';
import { execute } from '../fixture/real-part.ts';

const run = promisify(execFile);

const root = resolve(import.meta.dirname, '../../..');

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
      // The dashboard links to them.
      expect(readFileSync(join(app, 'runbooks/rollback.md'), 'utf8')).toMatch(/^# /);
      const entry = join(app, 'bin/crossfade-sidecar.js');
      expect(execute(process.execPath, [entry, '--help'], folder)).toMatchObject({ code: 0 });
      expect(execute(process.execPath, [entry, '--config', 'nowhere.yaml'], folder).code).toBe(2);
      expect(execute(process.execPath, [entry, '--version'], folder)).toMatchObject({
        code: 0,
        output: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('has health checks that tell a sidecar that runs from one that does not', async () => {
    const dockerfile = readFileSync(join(root, 'deploy/container/Dockerfile'), 'utf8');
    const { services } = parse(readFileSync(join(root, 'deploy/compose.yaml'), 'utf8')) as {
      services: { sidecar: { healthcheck: { test: string[] } } };
    };
    const ofImage = JSON.parse(/^HEALTHCHECK [^[]*\\\n\s+CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? '') as string[];
    const ofCompose = services.sidecar.healthcheck.test.slice(1);
    const statuses = { '/healthz': 200, '/readyz': 200 };
    const server = await startLoopbackServer(({ url }, response) => {
      response.writeHead(statuses[url as keyof typeof statuses]).end();
    });
    try {
      const check = ([program = '', ...args]: string[], port: number) =>
        run(
          program,
          args.map((text) => text.replace(/127\.0\.0\.1:946\d/, `127.0.0.1:${port}`)),
        );
      for (const test of [ofImage, ofCompose]) {
        await check(test, server.port);
        await expect(check(test, await loopbackPort())).rejects.toThrow();
      }
      statuses['/readyz'] = 503;
      await check(ofImage, server.port);
      await expect(check(ofCompose, server.port)).rejects.toThrow();
    } finally {
      await server.close();
    }
  });
});
