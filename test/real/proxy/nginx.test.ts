import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  expectDpop,
  expectFailClosed,
  expectFailOpen,
  expectJudgements,
  expectWhileUnavailable,
  type ForwardAuthFixture,
  startForwardAuthFixture,
} from '../fixture/forward-auth-cases.ts';
import { type NginxProgram, startNginx } from '../fixture/nginx-program.ts';
import { missing } from '../fixture/real-part.ts';
import { expectJudgedAtAnySize, expectNoLimits, expectPreflights } from '../fixture/traffic-cases.ts';

describe.skipIf(missing('nginx')).each([
  { file: 'crossfade-fail-closed.conf', expectFailure: expectFailClosed },
  { file: 'crossfade-fail-open.conf', expectFailure: expectFailOpen },
])('nginx with $file', ({ file, expectFailure }) => {
  let fixture: ForwardAuthFixture;
  let nginx: NginxProgram;

  beforeEach(async () => {
    fixture = await startForwardAuthFixture({ methodHeader: 'X-Original-Method' });
    nginx = await startNginx(file, {
      '127.0.0.1:8080': `127.0.0.1:${fixture.sidecar.port}`,
      '127.0.0.1:3000': `127.0.0.1:${fixture.api.port}`,
    });
  });
  afterEach(async () => {
    await nginx?.remove();
    await fixture?.remove();
  });

  it('forwards accepted requests to the API with the identity from the sidecar, and rejects the others', async () => {
    expect(nginx.check()).toMatchObject({ code: 0 });
    await expectJudgements({ url: nginx.url, fixture });
  });

  it('lets a DPoP token through with a proof for the request, and for no other that a client names', async () => {
    await expectDpop({ url: nginx.url, fixture });
  });

  it('lets preflights through, and nothing that a client makes look like one', async () => {
    await expectPreflights({ url: nginx.url, ...fixture }, fixture.sidecar);
  });

  it('limits neither bodies nor time nor header sections, and lets WebSockets through', async () => {
    await expectNoLimits({ url: nginx.url, ...fixture });
  }, 60_000);

  it('lets no request past the sidecar because of its size', async () => {
    await expectJudgedAtAnySize({ url: nginx.url, ...fixture });
  });

  it('fails as its name says while the issuer is down, and while the sidecar is down', async () => {
    await expectWhileUnavailable({ url: nginx.url, fixture }, expectFailure);
  });
});
