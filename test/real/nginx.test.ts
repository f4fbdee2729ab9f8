import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  expectClosed,
  expectOpen,
  expectVerdicts,
  expectWhileBlind,
  type ForwardAuthHouse,
  openForwardAuthHouse,
} from './forward-auth-cases.ts';
import { type NginxProgram, startNginx } from './nginx-program.ts';
import { missing } from './real-part.ts';

describe.skipIf(missing('nginx')).each([
  { file: 'crossfade-fail-closed.conf', otherwise: expectClosed },
  { file: 'crossfade-fail-open.conf', otherwise: expectOpen },
])('nginx with $file', ({ file, otherwise }) => {
  let house: ForwardAuthHouse;
  let nginx: NginxProgram;

  beforeEach(async () => {
    house = await openForwardAuthHouse();
    nginx = await startNginx(file, {
      '127.0.0.1:8080': `127.0.0.1:${house.sidecar.port}`,
      '127.0.0.1:3000': `127.0.0.1:${house.api.port}`,
    });
  });
  afterEach(async () => {
    await nginx?.remove();
    await house?.remove();
  });

  it('lets in who the sidecar lets in, tells the API who it is, and refuses the others', async () => {
    expect(nginx.check()).toMatchObject({ code: 0 });
    await expectVerdicts({ url: nginx.url, house });
  });

  it('does as its name says while the issuer has no keys for the sidecar, and while there is no sidecar', async () => {
    await expectWhileBlind({ url: nginx.url, house }, otherwise);
  });
});
