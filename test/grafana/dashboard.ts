import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import { DATASOURCE, seriesPanel, statPanel, tablePanel } from './panels.ts';

/** Series of the chosen migration. */
const M = 'migration="$migration"';
/** Series of the chosen services of it. */
const S = `${M},service=~"$service"`;

const PASSES = { '1': { text: 'passes', color: 'green' }, '0': { text: 'fails', color: 'red' } };

/** Returns the dashboard that `deploy/grafana/crossfade.json` holds: recorded series only, and the present by instant queries. */
export function createDashboard(): dashboard.Dashboard {
  return new dashboard.DashboardBuilder('Crossfade')
    .uid('crossfade')
    .tags(['crossfade'])
    .description(
      'An API moves from a legacy to a target audience. Recorded series of deploy/prometheus/crossfade.rules.yml.',
    )
    .timezone('browser')
    .refresh('30s')
    .time({ from: 'now-6h', to: 'now' })
    .readonly()
    .withVariable(new dashboard.DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'))
    .withVariable(variable('migration', 'label_values(crossfade:live_instances:count, migration)'))
    .withVariable(
      variable('service', `label_values(crossfade:live_instances:count{${M}}, service)`).multi(true).includeAll(true),
    )
    .annotation(
      moves(
        'Issuance moved',
        'blue',
        `crossfade:issuance:percent{${S}} != crossfade:issuance:percent{${S}} offset 1m`,
        {
          title: 'issuance of {{service}} moved',
          text: 'to {{__value__}}% target',
        },
      ),
    )
    .annotation(
      moves(
        'Flags arrived',
        'orange',
        `crossfade:flags_held:count{${S}} unless crossfade:flags_held:count{${S}} offset 1m`,
        {
          title: 'revision {{revision}} reached {{service}}',
          text: 'of {{source}} ({{hash}}): crossfade history tells the move',
        },
      ),
    )
    .withRow(new dashboard.RowBuilder('Now'))
    .withPanel(
      statPanel({
        title: 'Drained',
        help: 'What the gate says: crossfade gate gives the reasons. Inconclusive never closes.',
        queries: [{ expr: `crossfade:drained:bool{${M}}` }],
        absent: 'inconclusive',
        texts: { '1': { text: 'yes', color: 'green' }, '0': { text: 'not yet', color: 'orange' } },
        width: 4,
        height: 4,
      }),
    )
    .withPanel(
      statPanel({
        title: 'Valid tokens refused',
        help: 'Requests a second with a token that is valid, and that the API refused. Must stay 0: else roll back (crossfade rollback).',
        queries: [{ expr: `sum(crossfade:valid_unauthorized:rate5m{${S}})` }],
        unit: 'reqps',
        absent: 'unknown',
        steps: [
          { from: null, color: 'green' },
          { from: 1e-9, color: 'red' },
        ],
        width: 4,
        height: 4,
      }),
    )
    .withPanel(
      statPanel({
        title: 'Since a valid token was refused',
        help: 'How long ago an API last refused a valid token. Never, where nothing stands.',
        queries: [{ expr: `time() - max(crossfade:last:timestamp{${M},what="valid_unauthorized"} > 0)` }],
        unit: 's',
        absent: 'never',
        width: 4,
        height: 4,
      }),
    )
    .withPanel(
      statPanel({
        title: 'Logins that ask for the target',
        help: 'The lowest share that an instance holds, as the flags command.',
        queries: [{ expr: `min(crossfade:issuance:percent{${S}})` }],
        unit: 'percent',
        absent: 'unknown',
        width: 4,
        height: 4,
      }),
    )
    .withPanel(
      statPanel({
        title: 'Since the last legacy token',
        help: 'How long ago a legacy token was last seen at any instance, also at those that are gone.',
        queries: [
          {
            expr: `time() - max(crossfade:last:timestamp{${M},what=~"legacy_seen|legacy_counted|after_close_counted"} > 0)`,
          },
        ],
        unit: 's',
        absent: 'never',
        width: 4,
        height: 4,
      }),
    )
    .withPanel(
      statPanel({
        title: 'Instances that are watched',
        help: 'The lowest share of a service that is watched. Below gate.coverage of the plan the gate stays inconclusive.',
        queries: [{ expr: `min(crossfade:watched:ratio{${S}})` }],
        unit: 'percentunit',
        absent: 'unknown',
        steps: [
          { from: null, color: 'red' },
          { from: 0.99, color: 'green' },
        ],
        width: 4,
        height: 4,
      }),
    )
    .withRow(new dashboard.RowBuilder('The crossfade'))
    .withPanel(
      seriesPanel({
        title: 'Accepted requests by audience',
        help: 'Legacy falls while target rises. Bridge: tokens with both audiences.',
        queries: [
          {
            expr: `sum by (audience) (crossfade:requests:rate5m{${S},outcome="accepted",audience=~"legacy|target|bridge"})`,
            legend: '{{audience}}',
          },
        ],
        unit: 'reqps',
        stacked: true,
        width: 16,
        height: 9,
      }),
    )
    .withPanel(
      seriesPanel({
        title: 'Rejections by reason',
        help: 'Rejected tokens a second. legacy_closed after a close names clients that still come (crossfade stragglers).',
        queries: [{ expr: `sum by (reason) (crossfade:rejections:rate5m{${S}}) > 0`, legend: '{{reason}}' }],
        unit: 'reqps',
        width: 8,
        height: 9,
      }),
    )
    .withRow(new dashboard.RowBuilder('The gate'))
    .withPanel(
      tablePanel({
        title: 'Checks of the drain gate',
        help: 'A check that is missing here is inconclusive: crossfade gate says why.',
        queries: [{ expr: `crossfade:drain_check:bool{${M}}` }],
        columns: { check: 'check', Value: 'verdict' },
        texts: PASSES,
        width: 6,
        height: 9,
      }),
    )
    .withPanel(
      tablePanel({
        title: 'Last bad moments',
        help: 'How long ago each last happened; what never happened is missing. legacy_expiry: below 0, a token is still alive.',
        queries: [{ expr: `time() - (crossfade:last:timestamp{${M}} > 0)` }],
        columns: { what: 'what', Value: 'ago' },
        unit: 's',
        width: 6,
        height: 9,
      }),
    )
    .withPanel(
      seriesPanel({
        title: 'Silence, sessions and watch against their windows',
        help: 'The gate needs each line above its window: silence and watch above drain_window, sessions above session_horizon.',
        queries: [
          {
            expr: `time() - max(crossfade:last:timestamp{${M},what=~"legacy_seen|legacy_counted|after_close_counted|unjudged|issuance_below_100"} > 0)`,
            legend: 'silent for',
          },
          {
            expr: `time() - max(crossfade:last:timestamp{${M},what=~"legacy_issued|unjudged|issuance_below_100"} > 0)`,
            legend: 'no legacy token issued for',
          },
          { expr: `time() - crossfade:watched_since:timestamp{${M}}`, legend: 'watched for' },
          {
            expr: `crossfade:plan_longest:seconds{${M},setting=~"drain_window|session_horizon"}`,
            legend: '{{setting}}',
          },
        ],
        unit: 's',
        width: 12,
        height: 9,
      }),
    )
    .withRow(new dashboard.RowBuilder('The fleet'))
    .withPanel(
      tablePanel({
        title: 'Instances by service',
        help: 'Expected, scraped now, and watched: running for 5 minutes and scraped since. Lost: ended unscraped within a day.',
        queries: [
          { expr: `sum by (service) (crossfade:expected_instances:settled{${S}})` },
          { expr: `sum by (service) (crossfade:live_instances:count{${S}})` },
          { expr: `sum by (service) (crossfade:watched_instances:sum{${S}})` },
          {
            expr: `sum by (service) (sum_over_time(crossfade:lost_instances:count5m{${S}}[1d:5m])) or 0 * sum by (service) (crossfade:expected_instances:settled{${S}})`,
          },
        ],
        columns: {
          service: 'service',
          'Value #A': 'expected',
          'Value #B': 'live',
          'Value #C': 'watched',
          'Value #D': 'lost in a day',
        },
        width: 8,
        height: 8,
      }),
    )
    .withPanel(
      tablePanel({
        title: 'Flags that instances hold',
        help: 'One row a service, once a move has reached all. Two stores, or two hashes for long: crossfade doctor.',
        queries: [{ expr: `sum by (service, revision, source, hash) (crossfade:flags_held:count{${S}})` }],
        columns: { service: 'service', revision: 'revision', source: 'store', hash: 'hash', Value: 'instances' },
        width: 8,
        height: 8,
      }),
    )
    .withPanel(
      seriesPanel({
        title: 'Unwatched instance-time, and its debt',
        help: 'Unwatched: the share of the fleet that was not watched. Debt: by how much it outran gate.coverage; above gate.blind the gate waits.',
        queries: [
          { expr: `1 - min(crossfade:watched:ratio{${S}})`, legend: 'unwatched share' },
          { expr: `crossfade:unwatched_debt:seconds{${M}}`, legend: 'debt in seconds' },
        ],
        width: 8,
        height: 8,
      }),
    )
    .withPanel(
      seriesPanel({
        title: 'Age of flags and keys',
        help: 'How long ago the slowest instance read its flags, and an issuer was last asked for keys. Flags older than a minute delay a rollback.',
        queries: [
          { expr: `max(crossfade:flags_age_seconds:max{${S}})`, legend: 'flags' },
          { expr: `max by (side) (crossfade:keys_age_seconds:max{${S}})`, legend: 'keys of {{side}}' },
        ],
        unit: 's',
        width: 8,
        height: 8,
      }),
    )
    .withPanel(
      seriesPanel({
        title: 'Time to judge a token (p99)',
        help: 'Of the slowest service.',
        queries: [{ expr: `max by (service) (crossfade:judgement_duration_seconds:p99{${S}})`, legend: '{{service}}' }],
        unit: 's',
        width: 8,
        height: 8,
      }),
    )
    .withPanel(
      seriesPanel({
        title: 'Open connections, by the token that opened them',
        help: 'WebSocket, gRPC and event streams. A close ends them only with sidecar.legacyConnections: end.',
        queries: [{ expr: `sum by (audience) (crossfade:open_connections:sum{${S}})`, legend: '{{audience}}' }],
        width: 8,
        height: 8,
      }),
    )
    .withRow(new dashboard.RowBuilder('What a close would break'))
    .withPanel(
      seriesPanel({
        title: 'Requests that a close would reject',
        help: 'Accepted today, refused once legacy is closed.',
        queries: [{ expr: `sum by (service) (crossfade:after_close_rejections:rate5m{${S}})`, legend: '{{service}}' }],
        unit: 'reqps',
        width: 8,
        height: 8,
      }),
    )
    .withPanel(
      seriesPanel({
        title: 'Disagreements: the API accepts, the plan refuses',
        help: 'Their clients are turned away once the validator enforces: runbooks/disagreements.md.',
        queries: [{ expr: `sum by (reason) (crossfade:disagreements:rate5m{${S}}) > 0`, legend: '{{reason}}' }],
        unit: 'reqps',
        width: 8,
        height: 8,
      }),
    )
    .withPanel(
      seriesPanel({
        title: 'Tokens that could not be judged',
        help: 'Keys, introspection, the denylist or an exchange was unreachable. Any of them may have been a legacy token.',
        queries: [{ expr: `sum by (cause) (crossfade:unavailable:rate5m{${S}}) > 0`, legend: '{{cause}}' }],
        unit: 'reqps',
        width: 8,
        height: 8,
      }),
    )
    .withRow(new dashboard.RowBuilder('OAuth clients'))
    .withPanel(
      seriesPanel({
        title: 'Minted for clients that chose target',
        help: 'legacy: the provider refuses or ignores target (runbooks/migrate.md).',
        queries: [{ expr: `sum by (minted) (crossfade:mints:rate5m{${M},asked="target"})`, legend: '{{minted}}' }],
        unit: 'reqps',
        width: 8,
        height: 8,
      }),
    )
    .withPanel(
      seriesPanel({
        title: 'Selections by side and reason',
        help: 'What logins, refreshes and machines ask for, and why.',
        queries: [
          { expr: `sum by (side, reason) (crossfade:selections:rate5m{${M}}) > 0`, legend: '{{side}}: {{reason}}' },
        ],
        unit: 'reqps',
        width: 8,
        height: 8,
      }),
    )
    .withPanel(
      seriesPanel({
        title: 'Logins and refreshes by outcome',
        help: 'A refresh that fails ends a session.',
        queries: [
          { expr: `sum by (outcome) (crossfade:logins:rate5m{${M}}) > 0`, legend: 'login: {{outcome}}' },
          { expr: `sum by (outcome) (crossfade:refreshes:rate5m{${M}}) > 0`, legend: 'refresh: {{outcome}}' },
        ],
        unit: 'reqps',
        width: 8,
        height: 8,
      }),
    )
    .build();
}

function variable(name: string, query: string): dashboard.QueryVariableBuilder {
  return new dashboard.QueryVariableBuilder(name)
    .label(name)
    .datasource(DATASOURCE)
    .query({ query, refId: name })
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged);
}

/** A mark on each panel where a switch moved. */
function moves(
  name: string,
  color: string,
  expr: string,
  { title, text }: { readonly title: string; readonly text: string },
): dashboard.AnnotationQueryBuilder {
  const target = new prometheus.DataqueryBuilder().expr(expr).range().refId('moves');
  return new dashboard.AnnotationQueryBuilder()
    .name(name)
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor(color)
    .target(target)
    .expr(expr)
    .titleFormat(title)
    .textFormat(text)
    .step('30s');
}
