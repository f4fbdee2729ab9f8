// `npm run audit`: asks for known weaknesses of what an install of our packages brings along: the npm registry, or with
// `-- --osv <folder>` a copy of OSV's records for npm, without a network. Ends with 0 (none known), 1 (some are), 2 (usage)
// or 3 (nothing could be asked, so nothing is known).
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import semver from 'semver';
import { dependencies, pnpm } from './dependencies.mjs';

/** The records: https://storage.googleapis.com/osv-vulnerabilities/npm/all.zip; their format: https://ossf.github.io/osv-schema/ */
const HELP = `npm run audit                    asks the npm registry
npm run audit -- --osv <folder>  reads OSV's records for npm: the unpacked npm/all.zip of osv-vulnerabilities
`;

const [option, folder, ...more] = process.argv.slice(2);
if (option === '--help') end(0, HELP);
if (option !== undefined && (option !== '--osv' || folder === undefined || more.length > 0)) {
  end(2, `expected nothing or --osv <folder>, not "${process.argv.slice(2).join(' ')}"\n${HELP}`);
}
option === undefined ? askRegistry() : readRecords();

function end(code, text) {
  (code === 0 ? process.stdout : process.stderr).write(text.endsWith('\n') ? text : `${text}\n`);
  process.exit(code);
}

function askRegistry() {
  const { stdout, stderr } = pnpm('audit', '--prod', '--json');
  let answer;
  try {
    answer = JSON.parse(stdout);
  } catch {
    return end(3, `audit: nothing was checked. pnpm said: ${(stdout + stderr).trim() || 'nothing'}`);
  }
  if (answer.advisories === undefined) {
    const said = answer.error?.message ?? 'something that is no list of advisories';
    return end(
      3,
      `audit: nothing was checked. The registry said: ${said}\nWithout a network: npm run audit -- --osv <folder>`,
    );
  }
  const advisories = Object.values(answer.advisories);
  for (const { module_name, vulnerable_versions, severity, title, url } of advisories) {
    process.stdout.write(`${module_name} ${vulnerable_versions}: ${severity}, ${title} (${url})\n`);
  }
  end(advisories.length > 0 ? 1 : 0, `audit: the registry knows ${advisories.length} weaknesses`);
}

function readRecords() {
  const installed = new Map();
  for (const { name, version } of dependencies()) installed.set(name, [...(installed.get(name) ?? []), version]);
  let files;
  try {
    files = readdirSync(resolve(folder)).filter((file) => file.endsWith('.json'));
  } catch (error) {
    return end(3, `audit: nothing was checked. ${folder} can't be read: ${error.code}`);
  }
  if (files.length === 0) return end(3, `audit: nothing was checked. ${folder} holds no .json: unpack all.zip there`);
  let newest = '';
  let weaknesses = 0;
  for (const file of files) {
    const record = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    if (record.modified > newest) newest = record.modified;
    if (record.withdrawn !== undefined) continue;
    for (const { package: of, ranges = [], versions = [] } of record.affected ?? []) {
      if (of?.ecosystem !== 'npm') continue;
      for (const version of installed.get(of.name) ?? []) {
        if (!versions.includes(version) && !ranges.some((range) => within(version, range))) continue;
        process.stdout.write(`${of.name} ${version}: ${record.id}, ${record.summary ?? 'without a summary'}\n`);
        weaknesses += 1;
      }
    }
  }
  end(
    weaknesses > 0 ? 1 : 0,
    `audit: ${files.length} records, the newest of ${newest || 'an unknown day'}, know ${weaknesses} weaknesses of ${installed.size} packages`,
  );
}

/** Whether a range holds a version, as the schema evaluates events: in the order of their versions, each that is reached decides. */
function within(version, { type, events }) {
  if (type !== 'SEMVER') return false;
  const at = ({ introduced, fixed, last_affected: last }) =>
    introduced === '0' ? '0.0.0-0' : (introduced ?? fixed ?? last);
  let affected = false;
  for (const event of events.toSorted((one, other) => semver.compare(at(one), at(other)))) {
    const order = semver.compare(version, at(event));
    if (event.introduced !== undefined && order >= 0) affected = true;
    if (event.fixed !== undefined && order >= 0) affected = false;
    if (event.last_affected !== undefined && order > 0) affected = false;
  }
  return affected;
}
