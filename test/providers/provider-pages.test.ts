import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run as runCli } from '@crossfade/cli';
import { type Acceptance, SIDES } from '@crossfade/core';
import { parsePlanText } from '@crossfade/core/plan-file';
import { createSelector, DIALECTS, type RefreshCapability } from '@crossfade/selector';
import { createValidator, type Validator, validatorOptions } from '@crossfade/validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ProviderDouble, startProviderDouble } from './provider-double.ts';
import { blocksOf, codesIn, type ProviderPage, providerPages, ROOT } from './provider-page.ts';

const pages = providerPages();
const [first] = pages as [ProviderPage];

describe('the pages of the providers', () => {
  it('are those of the table in the overview, with the dialect and the refresh that it names', () => {
    const overview = readFileSync(join(ROOT, 'docs/providers.md'), 'utf8');
    const rows = [...overview.matchAll(/^\| \[([^\]]+)\]\(providers\/([^)]+)\) \| (.+) \|$/gm)];
    const listed = rows.map(([, title, file, cells = '']) => {
      const [, dialect, refresh, , , , tried = ''] = cells.split(' | ');
      return { title, file, dialect, refresh, tried };
    });
    const stated = pages.map(({ title, file, facts }) => ({
      title,
      file,
      dialect: facts.get('`dialect`'),
      refresh: facts.get('`refresh`'),
      tried: /^(?:read|run by hand|run)/.exec(facts.get('Tried') ?? '')?.[0],
    }));
    expect(listed).toEqual(stated);
    expect(pages).toHaveLength(9);
  });

  it.each(pages)('$title has the same sections and the same facts, in the same order', ({ headings, facts }) => {
    expect(headings).toEqual(first.headings);
    expect(headings.length).toBeGreaterThan(8);
    expect([...facts.keys()]).toEqual([...first.facts.keys()]);
    expect([...facts.values()].filter((value) => value === '')).toEqual([]);
  });

  it.each(pages)(
    '$title names its sources with the day they were looked up, or says that it was run',
    ({ sources }) => {
      const lines = sources.split('\n').filter((line) => line.startsWith('- '));
      expect(lines.length).toBeGreaterThan(1);
      expect(lines.filter((line) => !/\((?:read|run|run by hand), 2026-\d\d-\d\d\)/.test(line))).toEqual([]);
      expect(lines.filter((line) => line.includes('(read') && !line.includes('https://'))).toEqual([]);
    },
  );
});

describe.each(pages)('the plan of $title', (page) => {
  const { plan, facts } = page;

  it('names issuers of the form that the page states', () => {
    const forms = codesIn(facts.get('Issuer') ?? '').map(formPattern);
    const named = SIDES.flatMap((side) => plan[side].issuers ?? [plan[side].issuer]);
    expect(forms.length).toBeGreaterThan(0);
    expect(named.filter((issuer) => !forms.some((form) => form.test(issuer)))).toEqual([]);
    expect(forms.filter((form) => !named.some((issuer) => form.test(issuer)))).toEqual([]);
  });

  it('stands next to blocks with other sides, and each one parses', () => {
    const frame = 'version: 1\nmigration: orders\nflags: { source: file, path: flags.json }\n';
    const others = blocksOf(page.text, 'yaml').filter((block) => block !== page.planText);
    for (const sides of others)
      expect(() => createValidator(validatorOptions(parsePlanText(frame + sides)))).not.toThrow();
  });

  it('makes the selector ask with the parameters that the page shows', () => {
    const [named] = codesIn(facts.get('`dialect`') ?? '');
    const dialect = DIALECTS.find((known) => known === named);
    if (dialect === undefined) expect(named).toBe('(none)');
    const [refresh] = codesIn(facts.get('`refresh`') ?? '') as [RefreshCapability?];
    const selector = createSelector({
      plan,
      ...(dialect !== undefined && { dialect }),
      ...(refresh !== undefined && { refresh }),
      issuance: () => ({ enabled: false, percent: 0, revision: '1', sinceMs: null }),
    });
    for (const side of SIDES) {
      const { parameters } = selector.select({ side });
      const shown = codesIn(facts.get(`A ${side} login sends`) ?? '');
      expect(shown).toEqual(Object.entries(parameters).map(([name, value]) => `${name}=${value}`));
    }
  });
});

describe.each(pages)('$title', (page) => {
  let provider: ProviderDouble;
  let validators: Readonly<Record<Acceptance, Validator>>;

  beforeAll(async () => {
    provider = await startProviderDouble(page);
    const options = validatorOptions(parsePlanText(provider.planText));
    validators = {
      both: createValidator({ ...options, acceptance: () => 'both' }),
      target: createValidator({ ...options, acceptance: () => 'target' }),
    };
  });
  afterAll(() => provider.close());

  it('shows tokens of both sides, and some of neither', () => {
    expect(new Set(page.tokens.map(({ of }) => of))).toEqual(new Set(['legacy', 'target', 'neither']));
  });

  it('has the tokens of each side accepted as such, with the client, the scope and the roles that it shows', async () => {
    for (const sample of page.tokens.filter(({ of }) => of !== 'neither')) {
      const token = await provider.mint(sample);
      const judgement = await validators.both.judge(token);
      const closed = await validators.target.judge(token);
      const shown = JSON.stringify(sample.claims);
      expect(judgement, shown).toMatchObject({
        outcome: 'accepted',
        audience: sample.of,
        afterClose: sample.of === 'target' ? 'accepted' : 'rejected',
        clientId: sample.judged?.client,
        scope: (sample.judged?.scope ?? '').split(' ').filter((word) => word !== ''),
        roles: sample.judged?.roles ?? [],
      });
      const afterwards = sample.of === 'target' ? { outcome: 'accepted' } : { reason: 'legacy_closed' };
      expect(closed, shown).toMatchObject(afterwards);
    }
  });

  it('has each token of neither side refused, for the reason that it shows', async () => {
    for (const sample of page.tokens.filter(({ of }) => of === 'neither')) {
      const judgement = await validators.both.judge(await provider.mint(sample));
      expect(judgement, JSON.stringify(sample.claims)).toMatchObject({ outcome: 'rejected', reason: sample.refused });
    }
  });

  it('has a token of either side refused once its audience, its issuer or its signer is another', async () => {
    for (const sample of page.tokens.filter(({ of }) => of !== 'neither')) {
      const elsewhere = { aud: 'https://api.example.com/billing' };
      const stranger = { iss: 'https://idp.example.org' };
      const verdicts = await Promise.all([
        validators.both.judge(await provider.mint(sample, elsewhere)),
        validators.both.judge(await provider.mint(sample, stranger)),
        validators.both.judge(await provider.mint(sample, {}, 'forged')),
      ]);
      expect(verdicts.map((verdict) => ('reason' in verdict ? verdict.reason : 'accepted'))).toEqual([
        'wrong_audience',
        'wrong_issuer',
        'bad_signature',
      ]);
    }
  });

  it('has nothing in its plan, its metadata and its keys that crossfade doctor finds wrong', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'provider-page-'));
    try {
      writeFileSync(join(folder, 'crossfade.yaml'), provider.planText);
      writeFileSync(join(folder, 'flags.json'), '{ "issue-target": { "enabled": false } }');
      const printed: string[] = [];
      const stdout = { write: (text: string) => void printed.push(text) };
      await runCli(['doctor', '--json'], { stdout, stderr: { write: () => {} }, env: {}, cwd: folder });
      const { findings } = JSON.parse(printed.join('')) as { findings: { check: string; verdict: string }[] };
      const checked = findings.filter(({ check }) => ['plan', 'metadata', 'keys', 'flags'].includes(check));
      expect(new Set(checked.map(({ check }) => check))).toContain('keys');
      expect(checked.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** An issuer with `<names>` for what differs from customer to customer. */
function formPattern(form: string): RegExp {
  const parts = form.split(/<[^>]+>/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]+')}$`);
}
