import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Issuer, startIssuer } from '../fixture/issuer.ts';
import { type NginxProgram, startNginx } from '../fixture/nginx-program.ts';
import { missing } from '../fixture/real-part.ts';
import { type RecordingApi, startRecordingApi } from '../fixture/recording-api.ts';
import { type SidecarProgram, startSidecarProgram } from '../fixture/sidecar-program.ts';
import { expectNoLimits, expectPreflightOfBrowser } from '../fixture/traffic-cases.ts';

const CONFIGURATIONS = ['two-sidecars.conf', 'api-as-backup.conf'];

// Both at once: most of the time they are silent.
describe.skipIf(missing('nginx')).concurrent.each(CONFIGURATIONS)('nginx with %s', (file) => {
  let issuer: Issuer;
  let api: RecordingApi;
  let sidecar: SidecarProgram;
  let nginx: NginxProgram;

  beforeEach(async () => {
    [issuer, api] = await Promise.all([startIssuer(), startRecordingApi()]);
    sidecar = await startSidecarProgram({
      issuer: issuer.url,
      mode: 'proxy',
      upstream: api.url,
      sidecar: { judge: 'enforce', trustedProxies: ['127.0.0.1'] },
    });
    nginx = await startNginx(file, {
      '127.0.0.1:8081': `127.0.0.1:${sidecar.port}`,
      '127.0.0.1:8082': `127.0.0.1:${sidecar.port}`,
      '127.0.0.1:3000': `127.0.0.1:${api.port}`,
    });
  });
  afterEach(async () => {
    await nginx?.remove();
    await sidecar?.remove();
    await Promise.all([issuer?.close(), api?.close()]);
  });

  it('limits neither bodies nor time nor header sections, and lets WebSockets and preflights through', async () => {
    await expectPreflightOfBrowser({ url: nginx.url, issuer, api });
    await expectNoLimits({ url: nginx.url, issuer, api });
    expect((await sidecar.status()).preflights).toBe(1);
  }, 60_000);
});
