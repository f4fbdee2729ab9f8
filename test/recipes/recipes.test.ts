import { afterEach, describe, expect, it, vi } from 'vitest';
import { LEGACY_AUDIENCE, TARGET_RESOURCE } from '../../packages/client/test/fixture/provider-fixture.ts';
import { RECIPES } from './fixture/recipes.ts';
import { type Scene, type SceneOptions, startScene } from './fixture/scene.ts';
import { createUserAgent } from './fixture/user-agent.ts';
import { refreshOnce } from './refresh-once.ts';

/** One scope for both sides, so that a refresh may ask for either: it cannot ask for more than its login (RFC 6749 §6). */
const RETARGET: SceneOptions = {
  refresh: 'retarget',
  legacy: { scope: 'openid orders:read' },
  target: { scope: 'openid orders:read', resource: TARGET_RESOURCE },
};

describe.each(RECIPES)('the recipe $name', (recipe) => {
  let scene: Scene | undefined;
  const start = async (options?: SceneOptions) => {
    scene = await startScene(recipe, options);
    return scene;
  };
  afterEach(async () => {
    vi.unstubAllGlobals();
    await scene?.close();
  });

  it('asks for the side that the flag selects, and follows a rollback at the next login', async () => {
    const { issuance, login, audience } = await start();
    const audiences: unknown[] = [];
    for (const percent of [0, 100, 0]) {
      issuance.percent = percent;
      await login();
      audiences.push(await audience());
    }
    expect(audiences).toEqual([LEGACY_AUDIENCE, TARGET_RESOURCE, LEGACY_AUDIENCE]);
  });

  it('gives a browser the same side at each login of a ramp', async () => {
    const { issuance, login, audience } = await start();
    issuance.percent = 50;
    const browsers = Array.from({ length: 8 }, createUserAgent);
    const sides = async () => {
      for (const browser of browsers) await login(browser);
      return Promise.all(browsers.map((browser) => audience(browser)));
    };
    expect(await sides()).toEqual(await sides());
  });

  it('keeps the side of a session across refreshes, whatever the flag says', async () => {
    const { provider, issuance, login, expire, audience } = await start({ accessTokenSeconds: 30 });
    const refreshed = () => {
      expire();
      return audience();
    };
    await login();
    issuance.percent = 100;
    expect([await refreshed(), await refreshed()]).toEqual([LEGACY_AUDIENCE, LEGACY_AUDIENCE]);
    await login();
    issuance.percent = 0;
    expect([await refreshed(), await refreshed()]).toEqual([TARGET_RESOURCE, TARGET_RESOURCE]);
    expect(provider.requests.filter((grant) => grant === 'refresh_token').length).toBeGreaterThanOrEqual(4);
  });

  it('moves a session at its next refresh, and back after a rollback, where the provider can retarget', async () => {
    const { issuance, login, expire, audience } = await start({ accessTokenSeconds: 30, ...RETARGET });
    await login();
    const audiences = [await audience()];
    for (const percent of [100, 100, 0]) {
      issuance.percent = percent;
      expire();
      audiences.push(await audience());
    }
    expect(audiences).toEqual([LEGACY_AUDIENCE, TARGET_RESOURCE, TARGET_RESOURCE, LEGACY_AUDIENCE]);
  });

  /** Twenty requests at once, after the session's token ran out. */
  async function race() {
    const { provider, login, expire, audience } = await start({ accessTokenSeconds: 30 });
    await login();
    expire();
    const audiences = await Promise.all(Array.from({ length: 20 }, () => audience()));
    const succeeded = audiences.filter((each) => each === LEGACY_AUDIENCE).length;
    const refreshes = provider.requests.filter((grant) => grant === 'refresh_token').length;
    return { succeeded, refreshes, survives: (await audience()) === LEGACY_AUDIENCE };
  }

  it(`${recipe.survivesRace ? 'survives' : 'loses its session to'} 20 requests at once when the token must be refreshed`, async () => {
    const found = await race();
    process.stdout.write(`race: ${recipe.name}: ${found.succeeded} of 20, by ${found.refreshes} refreshes\n`);
    if (recipe.survivesRace) expect(found).toEqual({ succeeded: 20, refreshes: 1, survives: true });
    else expect([found.succeeded < 20, found.survives]).toEqual([true, false]);
  });

  it.skipIf(!recipe.usesFetch)('survives them with a fetch that refreshes once', async () => {
    vi.stubGlobal('fetch', refreshOnce(fetch));
    expect(await race()).toMatchObject({ succeeded: 20, survives: true });
  });

  it(`${recipe.survivesRefusedMove ? 'keeps' : 'fails'} a session whose move the provider refuses at a refresh`, async () => {
    const capabilities = { refuses: { at: 'refresh', error: 'invalid_target', asks: 'target' } } as const;
    const { issuance, login, expire, audience } = await start({ accessTokenSeconds: 30, ...RETARGET, capabilities });
    await login();
    issuance.percent = 100;
    expire();
    const isKept = (await audience()) === LEGACY_AUDIENCE;
    expect(isKept).toBe(recipe.survivesRefusedMove);
  });

  it('logs in with legacy while the provider refuses target, without an error page', async () => {
    const { provider, issuance, login, audience } = await start();
    provider.refusesTarget = true;
    issuance.percent = 100;
    await login();
    expect(await audience()).toBe(LEGACY_AUDIENCE);
  });

  it(`${recipe.startsWithoutProvider ? 'starts' : 'does not start'} while the provider is down`, async () => {
    const started = start({ isProviderDown: true });
    await (recipe.startsWithoutProvider ? expect(started).resolves.toBeDefined() : expect(started).rejects.toThrow());
  });

  it('does not fall back to legacy once legacy is closed', async () => {
    const running = await start();
    running.provider.refusesTarget = true;
    running.issuance.percent = 100;
    running.acceptance = 'target';
    await running.login();
    expect(await running.audience()).toBe(401);
  });
});
