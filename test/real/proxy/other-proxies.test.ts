import { join } from 'node:path';
import { describe, it } from 'vitest';
import { type DeployedCopy, deployedCopy } from '../fixture/deployed-copy.ts';
import {
  expectDpop,
  expectFailClosed,
  expectJudgements,
  expectWhileUnavailable,
  type Proxy as Front,
  startForwardAuthFixture,
} from '../fixture/forward-auth-cases.ts';
import { listens } from '../fixture/listens.ts';
import { loopbackPort } from '../fixture/loopback-port.ts';
import { startProgram } from '../fixture/program.ts';
import { missing } from '../fixture/real-part.ts';
import { expectJudgedAtAnySize, expectNoLimits, expectPreflights } from '../fixture/traffic-cases.ts';

interface Kind {
  readonly program: string;
  /** Its folder in `deploy`. */
  readonly folder: string;
  readonly args: (folder: string) => readonly string[];
  /** What the plan's `sidecar` section needs. */
  readonly sidecar: Readonly<Record<string, unknown>>;
}

const KINDS: readonly Kind[] = [
  {
    program: 'caddy',
    folder: 'caddy',
    args: (folder) => ['run', '--adapter', 'caddyfile', '--config', join(folder, 'crossfade-fail-closed.Caddyfile')],
    sidecar: { methodHeader: 'X-Forwarded-Method' },
  },
  {
    program: 'haproxy',
    folder: 'haproxy',
    args: (folder) => ['-db', '-f', join(folder, 'crossfade-fail-closed.cfg')],
    sidecar: { methodHeader: 'X-Forwarded-Method' },
  },
];

/** Runs a case behind a proxy with the shipped configuration, with an API and a sidecar of its own. */
async function behind({ program, folder, args, sidecar }: Kind, expectCase: (front: Front) => Promise<void>) {
  const fixture = await startForwardAuthFixture(sidecar);
  let copy: DeployedCopy | undefined;
  try {
    const port = await loopbackPort();
    copy = deployedCopy(folder, {
      '127.0.0.1:8000': `127.0.0.1:${port}`,
      '127.0.0.1:8080': `127.0.0.1:${fixture.sidecar.port}`,
      '127.0.0.1:3000': `127.0.0.1:${fixture.api.port}`,
    });
    const { folder: cwd } = copy;
    const proxy = await startProgram(program, args(cwd), { cwd, ready: () => listens(port) });
    try {
      await expectCase({ url: `http://127.0.0.1:${port}`, fixture });
    } finally {
      await proxy.stop();
    }
  } finally {
    copy?.remove();
    await fixture.remove();
  }
}

/** The slowest first: they wait. */
const CASES: readonly (readonly [name: string, (front: Front) => Promise<void>])[] = [
  [
    'limits neither bodies nor time nor header sections, and lets WebSockets through',
    ({ url, fixture }) => expectNoLimits({ url, ...fixture }),
  ],
  [
    'lets no request past the sidecar because of its size',
    ({ url, fixture }) => expectJudgedAtAnySize({ url, ...fixture }),
  ],
  ['forwards accepted requests with the identity from the sidecar, and rejects the others', expectJudgements],
  ['lets a DPoP token through with a proof for the request, and for no other that a client names', expectDpop],
  [
    'lets preflights through, and nothing that a client makes look like one',
    ({ url, fixture }) => expectPreflights({ url, ...fixture }, fixture.sidecar),
  ],
  [
    'fails closed while the issuer is down, and while the sidecar is down',
    (front) => expectWhileUnavailable(front, expectFailClosed),
  ],
];

const here = KINDS.filter(({ program }) => !missing(program));
describe('a proxy with the shipped configuration', () => {
  for (const [name, expectCase] of CASES)
    it.concurrent.each(here)(`$program ${name}`, (kind) => behind(kind, expectCase));
});
