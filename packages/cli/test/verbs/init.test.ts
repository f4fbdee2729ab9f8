import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { createEmulator } from '@crossfade/appconfig-emulator';
import { parseFlagDocument } from '@crossfade/core';
import { parsePlanText } from '@crossfade/core/plan-file';
import { createAppConfigWriter } from '@crossfade/flags/appconfig-writer';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Io, run } from '../../src/index.ts';
import { censusRow } from '../fixture/census.ts';
import { checkJson } from '../fixture/check-json.ts';
import { type IssuerFixture, startIssuer } from '../fixture/issuer.ts';
import { startSidecar } from '../fixture/sidecar.ts';
import { mintToken, PUBLISHED_KEY } from '../fixture/token-workplace.ts';
import { NOW_MS } from '../fixture/workplace.ts';

const TARGET = 'https://api.example.com/orders';

interface Empty {
  readonly folder: string;
  readonly issuer: IssuerFixture;
  init(argv: readonly string[], io?: Partial<Io>): Promise<{ exitCode: number; stdout: string; stderr: string }>;
  plan(): Promise<string>;
}

/** An empty folder, and an issuer that is up. */
async function createEmpty(): Promise<Empty> {
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-init-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const issuer = await startIssuer();
  issuer.keys = [PUBLISHED_KEY];
  issuer.metadata = { ...issuer.metadata, scopes_supported: ['openid', 'profile', 'orders:read', 'billing:read'] };
  return {
    folder,
    issuer,
    async init(argv, io = {}) {
      let [stdout, stderr] = ['', ''];
      const exitCode = await run(['init', ...argv], {
        stdout: { write: (text) => (stdout += text) },
        stderr: { write: (text) => (stderr += text) },
        env: {},
        cwd: folder,
        now: () => NOW_MS,
        operator: 'alice@laptop',
        ...io,
      });
      if (argv.includes('--json')) checkJson(stdout, exitCode);
      return { exitCode, stdout, stderr };
    },
    plan: () => readFile(join(folder, 'crossfade.yaml'), 'utf8'),
  };
}

function sides({ issuer }: Empty): readonly string[] {
  return ['--issuer', issuer.url, '--legacy', 'default-api', '--target', TARGET, '--clients', 'web-app, nightly-batch'];
}

describe('crossfade init', () => {
  it('writes a plan that parses, with a comment for every section, and the flag file', async () => {
    const empty = await createEmpty();
    const { exitCode, stdout, stderr } = await empty.init(sides(empty));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const text = await empty.plan();
    const plan = parsePlanText(text);
    expect(plan).toMatchObject({
      migration: 'orders-2026',
      legacy: {
        issuer: empty.issuer.url,
        audience: 'default-api',
        scope: 'openid profile',
        tokenLifetimeMs: 3_600_000,
      },
      target: { issuer: empty.issuer.url, audience: TARGET, scope: 'openid profile orders:read' },
      clients: ['web-app', 'nightly-batch'],
      flags: { source: 'file', path: './flags.json' },
      steps: [1, 5, 25, 50, 100],
      gate: { silenceMs: 86_400_000, coverage: 0.99, blindMs: 300_000, soakMs: 3_600_000 },
      sidecar: { service: 'orders', judge: 'observe' },
    });
    for (const section of ['migration', 'legacy', 'target', 'clients', 'flags', 'steps', 'gate', 'sidecar'])
      expect(text).toMatch(new RegExp(`\\n# .*\\n(?:# .*\\n)?${section}:`));
    expect(text).toContain('# algorithms: [ES256] # of the keys that the issuer publishes now');
    const flags = parseFlagDocument(await readFile(join(empty.folder, 'flags.json'), 'utf8'));
    expect(flags).toMatchObject({ ok: true, document: { issuance: { percent: 0 }, acceptance: 'both' } });
    expect(stdout).toMatch(
      /Next:\n {2}crossfade doctor\n {2}crossfade-sidecar --config crossfade.yaml\n {2}CROSSFADE_CLIENT_SECRET=... crossfade verify --client-id <client> --api <url>\n$/,
    );
  });

  it('points editors at the schema that ships in core', async () => {
    const empty = await createEmpty();
    await empty.init(sides(empty));
    const [, path = ''] = /^# yaml-language-server: \$schema=(.+)\n/.exec(await empty.plan()) ?? [];
    const schema: unknown = JSON.parse(await readFile(resolve(empty.folder, path), 'utf8'));
    expect(schema).toMatchObject({ properties: { migration: {}, legacy: {}, target: {} } });
  });

  it('proposes legacy, its clients and the meters from the census of sidecars', async () => {
    const empty = await createEmpty();
    const sidecar = await startSidecar();
    sidecar.census = {
      rows: [
        censusRow({ issuer: empty.issuer.url, count: 40 }),
        censusRow({ issuer: empty.issuer.url, clientId: 'nightly-batch' }),
        censusRow({ issuer: empty.issuer.url, audiences: [TARGET], count: 900 }),
        censusRow({ kind: 'opaque', issuer: null, audiences: [], clientId: null }),
      ],
      truncated: false,
    };
    const { exitCode } = await empty.init(['--target', TARGET, '--issuer', empty.issuer.url, '--census', sidecar.url]);
    expect(exitCode).toBe(0);
    const text = await empty.plan();
    expect(parsePlanText(text)).toMatchObject({
      legacy: { issuer: empty.issuer.url, audience: 'default-api' },
      clients: ['nightly-batch', 'web-app'],
      gate: { sidecars: [sidecar.url] },
    });
    expect(text).toContain('# introspection: {');
  });

  it('proposes issuer, legacy, clients and lifetimes from pasted tokens, and keeps none of them', async () => {
    const empty = await createEmpty();
    const claims = { iss: empty.issuer.url, sub: 'alice', client_id: 'web-app', iat: 1000, scope: 'x' };
    const stdin = new PassThrough();
    stdin.end(
      `${mintToken({ ...claims, aud: 'default-api', exp: 8200 })}\n${mintToken({ ...claims, aud: TARGET, exp: 1900 })}\n`,
    );
    const { exitCode, stdout, stderr } = await empty.init(['--target', TARGET, '--tokens', '-'], { stdin });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const text = await empty.plan();
    expect(parsePlanText(text)).toMatchObject({
      legacy: { issuer: empty.issuer.url, audience: 'default-api', tokenLifetimeMs: 7_200_000 },
      target: { tokenLifetimeMs: 900_000 },
      clients: ['web-app'],
    });
    expect(text + stdout).not.toMatch(/eyJ|alice/);
  });

  it('asks on a terminal for what no option gives, with proposals', async () => {
    const empty = await createEmpty();
    const replies = [empty.issuer.url, TARGET, 'default-api', '', 'http://127.0.0.1:4000', 'web-app', 'yes'];
    const stdin = new PassThrough();
    const asked: string[] = [];
    const stderr = {
      write(text: string) {
        asked.push(text.trim());
        setImmediate(() => stdin.write(`${replies.shift() ?? ''}\n`));
      },
    };
    const { exitCode } = await empty.init([], { stdin, stderr, isTerminal: true, env: { NO_COLOR: '1' } });
    expect(exitCode).toBe(0);
    expect(asked).toEqual([
      'Issuer (the iss of your tokens):',
      'Target audience (the aud of the new tokens):',
      'Legacy audience (the aud of the tokens of today):',
      'Name of the API, in metrics [orders]:',
      'Where the API listens [http://127.0.0.1:3000]:',
      'OAuth client ids of this issuer, separated by commas, or none (empty only if both audiences are URIs):',
      'Go on? (yes/no)',
    ]);
    expect(parsePlanText(await empty.plan())).toMatchObject({
      sidecar: { service: 'orders', upstream: 'http://127.0.0.1:4000' },
      clients: ['web-app'],
    });
  });

  it('takes none for an empty list of clients, which a value cannot be', async () => {
    const empty = await createEmpty();
    const argv = ['--issuer', empty.issuer.url, '--legacy', 'default-api', '--target', TARGET];
    const refused = await empty.init(argv);
    expect(refused).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/--clients: is required.*the word none/),
    });
    expect(await empty.init([...argv, '--clients', 'none'])).toMatchObject({ exitCode: 0, stderr: '' });
    expect(parsePlanText(await empty.plan()).clients).toEqual([]);
  });

  it('writes nothing when it is declined', async () => {
    const empty = await createEmpty();
    const stdin = new PassThrough();
    const stderr = { write: () => void setImmediate(() => stdin.write('\n')) };
    const result = await empty.init(sides(empty), { stdin, stderr, isTerminal: true });
    expect(result).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('Nothing was written.') });
    expect(await readdir(empty.folder)).toEqual([]);
  });

  it('writes nothing with --dry-run, and prints the plan', async () => {
    const empty = await createEmpty();
    const { exitCode, stdout } = await empty.init([...sides(empty), '--dry-run', '--json']);
    expect(exitCode).toBe(0);
    const { text } = JSON.parse(stdout) as { text: string };
    expect(parsePlanText(text)).toMatchObject({ target: { audience: TARGET } });
    expect(await readdir(empty.folder)).toEqual([]);
  });

  it('overwrites no plan, and keeps the old one with --force', async () => {
    const empty = await createEmpty();
    await writeFile(join(empty.folder, 'crossfade.yaml'), 'mine\n');
    const refused = await empty.init(sides(empty));
    expect(refused).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--out: crossfade.yaml exists: edit it'),
    });
    expect(await empty.plan()).toBe('mine\n');
    expect(await readdir(empty.folder)).toEqual(['crossfade.yaml']);
    const { exitCode, stdout } = await empty.init([...sides(empty), '--force']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/was there +the plan that was there, as .*crossfade\.yaml\.2026-03-01T12-00-00-000Z\.bak\n/);
    expect(await readFile(join(empty.folder, 'crossfade.yaml.2026-03-01T12-00-00-000Z.bak'), 'utf8')).toBe('mine\n');
  });

  it('leaves a flag file alone that is there', async () => {
    const empty = await createEmpty();
    const content = '{"issue-target":{"enabled":true,"percent":25}}';
    await writeFile(join(empty.folder, 'flags.json'), content);
    const { exitCode, stdout } = await empty.init(sides(empty));
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/was there +flag file .*flags\.json: 25% of logins ask for target already\n/);
    expect(await readFile(join(empty.folder, 'flags.json'), 'utf8')).toBe(content);
  });

  it.each([
    [
      [],
      /--issuer: is required.*\n.*--target: is required.*\n.*--legacy: is required: .* --census or --tokens propose it/,
    ],
    [['--issuer', 'http://idp.example.com'], /--issuer: must be the iss of your tokens: an https URL/],
    [['--appconfig', 'orders/production'], /--appconfig: must be application\/environment\/profile/],
    [['--flags', 'f.json', '--appconfig', 'a/b/c'], /--flags: must be left out with --appconfig/],
    [['--region', 'eu-central-1'], /--region: belongs to --appconfig/],
    [['--census', 'sidecar:9464'], /--census: must be the admin or metrics URLs/],
    [['--census', 'http://127.0.0.1:1', '--tokens', '-'], /--tokens: must be left out with --census/],
    [['--tokens', 'none.txt'], /--tokens: cannot be read \(ENOENT\)/],
    [['--out', 'none/crossfade.yaml'], /--out: is in a folder that does not exist/],
    [['--appconfig', 'a/b/c'], /--yes: is required without a terminal/],
  ])('states what is wrong with %j', async (argv, expected) => {
    const { init, folder } = await createEmpty();
    const { exitCode, stderr } = await init(argv);
    expect(stderr).toMatch(expected);
    expect(exitCode).toBe(2);
    expect(await readdir(folder)).toEqual([]);
  });

  it('states what the plan refuses, by the option that it comes from', async () => {
    const empty = await createEmpty();
    const argv = [
      '--issuer',
      empty.issuer.url,
      '--legacy',
      'default-api',
      '--target',
      'default-api',
      '--upstream',
      'nowhere',
    ];
    const { exitCode, stderr } = await empty.init([...argv, '--migration', 'Orders!']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/--migration: must be 1 to 64/);
    expect(stderr).toMatch(/--upstream: must be an http or https URL/);
    expect(stderr).toMatch(/--clients: is required: an audience that is no URI/);
    expect(stderr).toMatch(/--target: must differ from legacy\.audience/);
    expect(await readdir(empty.folder)).toEqual([]);
  });

  it('goes on without metadata, and says that it guessed', async () => {
    const empty = await createEmpty();
    empty.issuer.wellKnown = '/elsewhere';
    const { exitCode, stdout } = await empty.init(sides(empty));
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /note +no metadata was read \(the issuer http:\/\/127.* responded with 404\): scope and algorithms are guesses/,
    );
  });

  it('takes the spelling of the issuer from its metadata, but no other issuer', async () => {
    const empty = await createEmpty();
    empty.issuer.metadata = { ...empty.issuer.metadata, issuer: `${empty.issuer.url}/` };
    expect((await empty.init(sides(empty))).exitCode).toBe(0);
    expect(parsePlanText(await empty.plan()).legacy.issuer).toBe(`${empty.issuer.url}/`);
    const other = await createEmpty();
    other.issuer.metadata = { ...other.issuer.metadata, issuer: 'https://other.example.com' };
    const { exitCode, stderr } = await other.init(sides(other));
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--issuer: has metadata that names another issuer');
  });

  it('ends with 3 when no sidecar returns a census', async () => {
    const empty = await createEmpty();
    const { exitCode, stderr } = await empty.init([
      '--target',
      TARGET,
      '--issuer',
      empty.issuer.url,
      '--census',
      'http://127.0.0.1:9',
    ]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('no sidecar returned a census: http://127.0.0.1:9: cannot be reached');
  });
});

describe('crossfade init --appconfig', () => {
  async function createAccount() {
    const emulator = createEmulator({ pollIntervalSeconds: 1 });
    const { url: endpoint } = await emulator.listen();
    onTestFinished(() => emulator.close());
    const argv = ['--appconfig', 'orders/production/crossfade', '--endpoint', endpoint, '--region', 'local', '--yes'];
    return { emulator, argv };
  }
  const KINDS = [
    'application orders',
    'environment production',
    'profile crossfade',
    'deployment strategy crossfade-at-once',
    'the flags',
  ];

  function madeOf(stdout: string) {
    const { made } = JSON.parse(stdout) as { made: { what: string; isNew: boolean }[] };
    return made.map(
      ({ what, isNew }) => `${isNew ? 'made' : 'there'}: ${KINDS.find((kind) => what.startsWith(kind)) ?? 'plan'}`,
    );
  }

  it('creates application, environment, profile, strategy and a first version, which the other verbs then use', async () => {
    const empty = await createEmpty();
    const { argv } = await createAccount();
    const { exitCode, stdout } = await empty.init([...sides(empty), ...argv, '--json']);
    expect(exitCode).toBe(0);
    expect(madeOf(stdout)).toEqual([...KINDS, 'plan'].map((kind) => `made: ${kind}`));
    let status = '';
    const io = {
      stdout: { write: (text: string) => (status += text) },
      stderr: { write: () => {} },
      env: {},
      cwd: empty.folder,
    };
    expect(await run(['status', '--json'], io)).toBe(4);
    expect(JSON.parse(status)).toMatchObject({ issuance: { percent: 0 } });
  });

  it('can be repeated: it makes only what is missing', async () => {
    const empty = await createEmpty();
    const { argv } = await createAccount();
    await empty.init([...sides(empty), ...argv]);
    const { exitCode, stdout } = await empty.init([...sides(empty), ...argv, '--out', 'second.yaml', '--json']);
    expect(exitCode).toBe(0);
    expect(madeOf(stdout)).toEqual([...KINDS.map((kind) => `there: ${kind}`), 'made: plan']);
  });

  it('says what exists when it fails half-way, and completes it when it is repeated', async () => {
    const empty = await createEmpty();
    const { argv, emulator } = await createAccount();
    emulator.seed({
      application: 'orders',
      environment: 'production',
      profile: 'crossfade',
      type: 'AWS.Freeform',
      content: '{}',
    });
    const { exitCode, stdout, stderr } = await empty.init([...sides(empty), ...argv]);
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/was there +application orders \(.*\)\n +was there +environment production/);
    expect(stderr).toContain('flags.profile: "crossfade" exists, and is no feature-flag profile');
    expect(stderr).toContain('What is listed exists, and the plan was not written');
    expect(await readdir(empty.folder)).toEqual([]);
    const other = argv.map((word) => (word === 'orders/production/crossfade' ? 'orders/production/flags' : word));
    expect((await empty.init([...sides(empty), ...other])).exitCode).toBe(0);
  });

  it('keeps the feature flags of a profile that is in use', async () => {
    const empty = await createEmpty();
    const { argv, emulator } = await createAccount();
    const content = JSON.stringify({
      version: '1',
      flags: { beta: { name: 'beta' } },
      values: { beta: { enabled: true } },
    });
    emulator.seed({ application: 'orders', environment: 'production', profile: 'crossfade', content });
    const { exitCode, stdout } = await empty.init([...sides(empty), ...argv, '--json']);
    expect(exitCode).toBe(0);
    expect(madeOf(stdout)).toContain('made: the flags');
    const endpoint = argv[argv.indexOf('--endpoint') + 1] ?? '';
    const location = { application: 'orders', environment: 'production', profile: 'crossfade' };
    const { text } = await createAppConfigWriter({ ...location, endpoint }).read();
    expect(JSON.parse(text)).toMatchObject({ beta: { enabled: true }, 'issue-target': { enabled: false } });
  });

  it('ends with 3 when AppConfig cannot be reached, and has made nothing', async () => {
    const empty = await createEmpty();
    const { argv, emulator } = await createAccount();
    emulator.faults.set({ kind: 'error', plane: 'control' });
    const { exitCode, stderr } = await empty.init([...sides(empty), ...argv]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('Nothing was made.');
  });
});
