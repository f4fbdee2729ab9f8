/** The rooms of a package, ground first: each with the rooms that it may import from. */
export type Rooms = Readonly<Record<string, string>>;

/**
 * One table a package. A room stands below the rooms that use it, so an arrow can only point to an earlier row. `src`
 * is the folder itself: public entry points, and what puts the rooms together.
 *
 * To allow an arrow, add it here; `architecture.test.ts` fails on one that is missing, and on one that no file uses.
 */
export const ROOMS: Readonly<Record<string, Rooms>> = {
  core: {
    vocabulary: '',
    schema: 'vocabulary',
    flags: 'vocabulary schema',
    plan: 'vocabulary schema',
    gate: 'vocabulary plan',
    status: 'vocabulary',
    src: 'vocabulary schema flags plan gate status',
  },
  validator: {
    http: '',
    jwt: '',
    keys: 'http jwt',
    request: 'http',
    collector: '',
    dpop: 'jwt keys request',
    policy: 'jwt dpop',
    introspection: 'http jwt keys policy',
    exchange: 'http jwt keys policy introspection',
    revocation: 'http',
    redis: 'http dpop exchange revocation',
    settings: 'keys dpop policy introspection exchange revocation',
    tokens: 'jwt keys request policy introspection exchange settings',
    judge: 'jwt keys request dpop policy introspection exchange revocation settings tokens',
    guard: 'request judge',
    adapters: 'http request guard',
    src: 'keys request collector dpop introspection exchange revocation redis settings tokens judge guard adapters',
  },
  selector: {
    dialects: '',
    src: 'dialects',
  },
  flags: {
    'disk-cache': '',
    polling: 'disk-cache',
    file: 'disk-cache polling',
    agent: 'disk-cache polling',
    appconfig: 'disk-cache polling',
    'appconfig-writer': 'polling appconfig',
    openfeature: 'disk-cache polling',
    src: 'polling file agent appconfig appconfig-writer openfeature',
  },
  'appconfig-emulator': {
    protocol: '',
    store: 'protocol',
    faults: 'protocol',
    flags: 'protocol',
    resources: 'protocol store flags',
    deployment: 'protocol store resources',
    data: 'protocol store flags deployment',
    control: 'protocol store resources deployment',
    http: 'protocol store faults resources deployment data control',
    src: 'protocol store faults resources deployment data http',
  },
  client: {
    src: '',
  },
  sidecar: {
    process: '',
    meter: 'process',
    census: 'meter',
    page: '',
    admin: 'process meter page',
    http: '',
    http2: '',
    'fast-path': 'http',
    proxy: 'http http2 meter fast-path',
    collect: 'process meter admin',
    src: 'process meter census admin http proxy collect',
  },
  cli: {
    verb: '',
    'flag-store': '',
    fleet: 'verb',
    output: 'verb flag-store fleet',
    move: 'verb flag-store fleet output',
    doctor: 'verb flag-store fleet',
    verbs: 'verb flag-store fleet output move doctor',
    src: 'verb verbs',
  },
  lab: {
    ledger: '',
    identity: '',
    environment: 'ledger identity',
    population: 'ledger environment',
    output: 'ledger',
    script: 'ledger environment output',
    src: 'ledger identity environment population output script',
  },
};
