import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type MigrationPlan, SIDES, type Side } from '@crossfade/core';
import { parsePlanText } from '@crossfade/core/plan-file';

export const ROOT = resolve(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'docs/providers');

/** What a page shows of one token: its header and claims, and what Crossfade makes of them. */
export interface SampleToken {
  readonly of: Side | 'neither';
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** Of an accepted token. */
  readonly judged?: { readonly client?: string; readonly scope?: string; readonly roles?: readonly string[] };
  /** Of a token of neither side: the reason. */
  readonly refused?: string;
}

/** A page about one provider, as far as it can be checked. */
export interface ProviderPage {
  readonly file: string;
  readonly title: string;
  readonly headings: readonly string[];
  /** The rows of the first table, by name, in their order. */
  readonly facts: ReadonlyMap<string, string>;
  readonly planText: string;
  readonly plan: MigrationPlan;
  readonly tokens: readonly SampleToken[];
  readonly sources: string;
  readonly text: string;
}

/** Every page, in the order of their names. */
export function providerPages(): readonly ProviderPage[] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.md'));
  return files.sort().map(readPage);
}

function readPage(file: string): ProviderPage {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  // A line of a shell or JavaScript block may begin like a heading.
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '');
  const plans = blocksOf(text, 'yaml').filter((block) => /^migration:/m.test(block));
  if (plans.length !== 1) throw new Error(`${file} must show exactly one plan`);
  const [planText = ''] = plans;
  return {
    file,
    title: /^# (.+)$/m.exec(prose)?.[1] ?? '',
    headings: [...prose.matchAll(/^#{2,3} .+$/gm)].map(([line]) => line),
    facts: new Map(
      [...section(text, '## In short').matchAll(/^\| ([^|]+) \| (.+) \|$/gm)]
        .map(([, name = '', value = '']): [string, string] => [name.trim(), value.trim()])
        .filter(([name]) => !/^-*$/.test(name)),
    ),
    planText,
    plan: parsePlanText(planText),
    tokens: [...SIDES, 'neither' as const].flatMap((of) =>
      blocksOf(section(text, `### A token of ${of === 'neither' ? 'neither side' : of}`), 'json').map((block) => ({
        ...(JSON.parse(block) as Omit<SampleToken, 'of'>),
        of,
      })),
    ),
    sources: section(text, '## Sources'),
    text,
  };
}

/** What is written in backticks in a cell. */
export function codesIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

export function blocksOf(text: string, language: string): readonly string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, block = '']) => block,
  );
}

/** The text below a heading, up to the next one of the same or a higher level. */
function section(text: string, heading: string): string {
  const start = text.indexOf(`\n${heading}\n`);
  if (start < 0) return '';
  const rest = text.slice(start + heading.length + 2);
  const level = /^#+/.exec(heading)?.[0].length ?? 2;
  const end = rest.search(new RegExp(`^#{2,${level}} `, 'm'));
  return end < 0 ? rest : rest.slice(0, end);
}
