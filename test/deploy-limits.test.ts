import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const deploy = resolve(import.meta.dirname, '../deploy');
const read = (file: string) => readFileSync(resolve(deploy, file), 'utf8');

/** nginx's own limits, and what the shipped files set instead. */
const NGINX = {
  client_max_body_size: '0',
  proxy_request_buffering: 'off',
  proxy_buffering: 'off',
  proxy_read_timeout: '1d',
  proxy_send_timeout: '1d',
  send_timeout: '1d',
  client_body_timeout: '1d',
  large_client_header_buffers: '2 28k',
  proxy_buffer_size: '64k',
  proxy_buffers: '4 64k',
};

interface Route {
  readonly match: { readonly headers?: readonly { readonly name: string }[] };
  readonly route: { readonly timeout?: string; readonly upgrade_configs?: unknown };
}

/** The parts of an Envoy configuration that are checked. */
interface EnvoyFile {
  readonly static_resources: {
    readonly listeners: readonly {
      readonly filter_chains: readonly {
        readonly filters: readonly {
          readonly typed_config: {
            readonly stream_idle_timeout: string;
            readonly max_request_headers_kb: number;
            readonly route_config: { readonly virtual_hosts: readonly { readonly routes: readonly Route[] }[] };
          };
        }[];
      }[];
    }[];
    readonly clusters: readonly { readonly circuit_breakers?: unknown }[];
  };
}

describe('the shipped proxies', () => {
  it.each(['crossfade-fail-closed.conf', 'crossfade-fail-open.conf', 'two-sidecars.conf', 'api-as-backup.conf'])(
    'limit nothing that an API does not limit, in nginx with %s',
    (file) => {
      const directives = [...read('nginx/crossfade-limits.conf').matchAll(/^(\w+) (.+);$/gm)];
      expect(Object.fromEntries(directives.map(([, name, value]) => [name, value]))).toEqual(NGINX);
      const server = /server \{\n.*?\n {4}\}/s.exec(read(`nginx/${file}`))?.[0] ?? '';
      expect(server).toContain('include crossfade-limits.conf;');
      const own = Object.keys(NGINX).filter((directive) => server.includes(`${directive} `));
      // The retries need the body.
      expect(own).toEqual(file.startsWith('crossfade-') ? [] : ['proxy_request_buffering']);
    },
  );

  it.each(['crossfade-fail-closed.yaml', 'crossfade-fail-open.yaml'])(
    'limit nothing that an API does not limit, in Envoy with %s',
    (file) => {
      const { listeners, clusters } = (parse(read(`envoy/${file}`)) as EnvoyFile).static_resources;
      const managers = listeners.flatMap(({ filter_chains: chains }) =>
        chains.flatMap(({ filters }) => filters.map(({ typed_config: config }) => config)),
      );
      expect(managers).toMatchObject([{ stream_idle_timeout: '86400s', max_request_headers_kb: 64 }]);
      const routes = managers.flatMap(({ route_config: { virtual_hosts: hosts } }) =>
        hosts.flatMap((host) => host.routes),
      );
      expect(routes.map(({ route }) => route.timeout)).toEqual(['0s', '0s', '0s']);
      expect(routes.filter(({ route }) => route.upgrade_configs !== undefined)).toMatchObject([
        { match: { headers: [{ name: ':method', string_match: { exact: 'GET' } }] } },
      ]);
      const thresholds = [{ max_connections: 100_000, max_pending_requests: 100_000, max_requests: 100_000 }];
      expect(clusters.map((cluster) => cluster.circuit_breakers)).toEqual([{ thresholds }, { thresholds }]);
    },
  );
});

describe('the image', () => {
  it('gives Node.js options that it takes from the environment', () => {
    const options = /^ENV NODE_OPTIONS="(.+)"$/m.exec(read('container/Dockerfile'))?.[1] ?? '';
    expect(options).toContain('--max-semi-space-size');
    // An option that is not allowed there ends Node.js at once.
    const output = execFileSync(process.execPath, ['-p', 'process.env.NODE_OPTIONS'], {
      env: { ...process.env, NODE_OPTIONS: options },
      encoding: 'utf8',
    });
    expect(output.trim()).toBe(options);
  });
});
