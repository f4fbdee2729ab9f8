import { describe, expect, it } from 'vitest';
import { createTokenWorkplace, mintToken } from '../fixture/token-workplace.ts';
import { createWorkplace, PLAN } from '../fixture/workplace.ts';

const SIDECAR = { service: 'orders-api', upstream: 'http://127.0.0.1:3000' };

describe('the options of crossfade verify', () => {
  it('states everything that is missing, at once', async () => {
    const { crossfade } = await createWorkplace();
    const { exitCode, stderr } = await crossfade(['verify']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(
      /--legacy-token-file: is required: .*or --client-id.*\n.*--target-token-file: is required.*\n.*--api: is required: the plan has no sidecar/,
    );
  });

  it('takes no secret on the command line', async () => {
    const { crossfade } = await createWorkplace();
    const { exitCode, stderr } = await crossfade(['verify', '--client-secret', 'hunter2']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('is not an option: did you mean --client-secret-env?');
    expect(stderr).not.toContain('hunter2');
  });

  it('names the dialects that a selector has', async () => {
    const { crossfade } = await createWorkplace();
    const { exitCode, stderr } = await crossfade(['verify', '--dialect', 'oauth']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      '--dialect: must be one of scope, resource, auth0, entra, cognito, pingone, okta, keycloak: that of your selector',
    );
  });

  it('sends no token in clear text to another machine, also where the plan says so', async () => {
    const { crossfade } = await createWorkplace({
      ...PLAN,
      sidecar: { ...SIDECAR, publicUrl: 'http://orders.example.com' },
    });
    const env = { L: 'a', T: 'b' };
    const { exitCode, stderr } = await crossfade(['verify', '--legacy-token-env', 'L', '--target-token-env', 'T'], {
      env,
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('sidecar.publicUrl: must be an https URL');
  });

  it('asks where the own sidecar of the plan listens, unless an API is named', async () => {
    const { crossfade, claims, plan, writePlan } = await createTokenWorkplace();
    await writePlan({ ...plan, sidecar: { ...SIDECAR, listen: '0.0.0.0:1', admin: '127.0.0.1:1' } });
    const env = {
      L: mintToken({ ...claims, aud: PLAN.legacy.audience }),
      T: mintToken({ ...claims, aud: PLAN.target.audience }),
    };
    const argv = ['verify', '--legacy-token-env', 'L', '--target-token-env', 'T', '--json'];
    const { exitCode, json } = await crossfade(argv, { env });
    expect(exitCode).toBe(3);
    expect(json()).toMatchObject({
      tokens: [
        { side: 'legacy', audience: 'legacy' },
        { side: 'target', audience: 'target' },
      ],
      requests: Array.from({ length: 4 }, () => ({ api: 'http://127.0.0.1:1', result: 'unreachable' })),
      sidecars: 'not compared: not every sidecar responded',
    });
  });

  it('says that a given token is refused by the plan', async () => {
    const { crossfade, claims, plan, writePlan } = await createTokenWorkplace();
    await writePlan({ ...plan, sidecar: { ...SIDECAR, listen: '127.0.0.1:1', admin: '127.0.0.1:1' } });
    const env = {
      L: mintToken({ ...claims, aud: PLAN.legacy.audience, exp: 1 }),
      T: mintToken({ ...claims, aud: PLAN.legacy.audience }),
    };
    const { exitCode, stdout } = await crossfade(['verify', '--legacy-token-env', 'L', '--target-token-env', 'T'], {
      env,
    });
    expect(exitCode).toBe(1);
    expect(stdout).toContain(
      'the legacy token is a token that the plan refuses: expired; crossfade inspect - says why',
    );
    expect(stdout).toContain('the target token is a token for legacy: give a token that was issued for that side');
    expect(stdout).not.toContain('eyJ');
  });
});
