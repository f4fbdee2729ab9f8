import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, RUNBOOKS } from '@crossfade/core';
import { didYouMean } from '@crossfade/core/schema';

/** The package ships the pages; in the repository they lie at its root. */
const FOLDERS = ['../../runbooks', '../../../../runbooks'].map((path) => join(import.meta.dirname, path));
const NAME = /^[A-Za-z-]{1,64}$/;

/** A page: a procedure, or what to do about an alert. */
export interface RunbookPage {
  readonly name: string;
  /** Its heading. */
  readonly title: string;
  readonly kind: 'procedure' | 'alert';
}

/** Lists the procedures in the order in which a migration needs them, then the alerts by name. */
export async function listRunbooks(): Promise<readonly RunbookPage[]> {
  const alerts = (await readdir(join(folder(), 'alerts')))
    .filter((file) => file.endsWith('.md'))
    .map((file) => file.slice(0, -'.md'.length))
    .sort();
  return Promise.all([
    ...RUNBOOKS.map(async (name) => ({ name, title: titleOf(await read(`${name}.md`)), kind: 'procedure' as const })),
    ...alerts.map(async (name) => ({
      name,
      title: summaryOf(await read(`alerts/${name}.md`)),
      kind: 'alert' as const,
    })),
  ]);
}

/**
 * Returns the text of a page, in Markdown.
 * @throws `ConfigError` when there is none of that name.
 */
export async function readRunbook(name: string): Promise<string> {
  const names = (await listRunbooks()).map((page) => page.name);
  const found = names.find((known) => known.toLowerCase() === name.toLowerCase());
  if (found === undefined) {
    const meant = didYouMean(name, names);
    const message = `is not a runbook${meant === undefined ? '.' : `: did you mean ${meant}?`} List them with: crossfade runbook`;
    throw new ConfigError('runbook', [{ path: NAME.test(name) ? name : 'the name', message }]);
  }
  return read((RUNBOOKS as readonly string[]).includes(found) ? `${found}.md` : `alerts/${found}.md`);
}

function folder(): string {
  return FOLDERS.find((path) => existsSync(path)) ?? (FOLDERS[0] as string);
}

function read(file: string): Promise<string> {
  return readFile(join(folder(), file), 'utf8');
}

function titleOf(text: string): string {
  return /^# (.+)$/m.exec(text)?.[1] ?? '';
}

/** The first sentence of an alert's meaning. */
function summaryOf(text: string): string {
  const meaning = /^## Meaning\n+([\s\S]*?)(?:\n\n|\n##)/m.exec(text)?.[1] ?? '';
  return /^[\s\S]*?\.(?=\s|$)/.exec(meaning.replaceAll('\n', ' '))?.[0] ?? meaning;
}
