import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  expectAllowed,
  expectClosed,
  expectDenied,
  expectNoSpoofedRest,
  expectOpen,
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
    const door = { url: nginx.url, house };
    expect(nginx.check()).toMatchObject({ code: 0 });
    await expectAllowed(door);
    await expectNoSpoofedRest(door);
    await expectDenied(door);
    const { audiences } = await house.sidecar.status();
    expect(audiences).toMatchObject({
      legacy: { accepted: 2, rejected: 0 },
      target: { accepted: 1, rejected: 1 },
      invalid: { rejected: 1 },
      none: { rejected: 1 },
    });
  });

  it('does as its name says while the issuer has no keys for the sidecar, and while there is no sidecar', async () => {
    const door = { url: nginx.url, house };
    await house.issuer.close();
    await otherwise(door);
    await house.sidecar.stop('SIGKILL');
    await otherwise(door);
  });
});
