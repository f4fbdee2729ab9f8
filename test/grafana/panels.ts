import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

/** The Prometheus that the reader chooses above the dashboard. */
export const DATASOURCE = { type: 'prometheus', uid: '$datasource' } as const;

/** Of one audience the same colour in each panel, also for readers who do not tell red from green. */
const AUDIENCE_COLOURS = { legacy: 'orange', target: 'blue', bridge: 'purple' } as const;

/** A query, and how its series are named. */
interface Query {
  readonly expr: string;
  readonly legend?: string;
}

export interface PanelOptions {
  readonly title: string;
  /** One or two sentences for hovering: what it shows, and what to do about it. */
  readonly help: string;
  readonly queries: readonly Query[];
  /** @see https://grafana.com/docs/grafana/latest/panels-visualizations/configure-standard-options/#unit */
  readonly unit?: string;
  /** Of 24 columns. */
  readonly width: number;
  /** In rows of 30 px. */
  readonly height: number;
}

export interface StatOptions extends PanelOptions {
  /** What stands where no series is. */
  readonly absent: string;
  /** Texts in place of values. */
  readonly texts?: Readonly<Record<string, dashboard.ValueMappingResult>>;
  /** The colour from each value on. The first has no value. */
  readonly steps?: readonly { readonly from: number | null; readonly color: string }[];
}

/** One value that holds now: an instant query, because over a range the dead look alive. */
export function statPanel({ absent, texts, steps = NEUTRAL, ...options }: StatOptions): stat.PanelBuilder {
  const panel = new stat.PanelBuilder()
    .noValue(absent)
    .colorMode(common.BigValueColorMode.Value)
    .graphMode(common.BigValueGraphMode.None)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(
      new dashboard.ThresholdsConfigBuilder()
        .mode(dashboard.ThresholdsMode.Absolute)
        .steps(steps.map(({ from, color }) => ({ value: from, color }))),
    );
  if (texts !== undefined) panel.mappings([{ type: dashboard.MappingType.ValueToText, options: { ...texts } }]);
  return shared(panel, options, 'instant');
}

const NEUTRAL = [{ from: null, color: 'text' }] as const;

export interface TableOptions extends PanelOptions {
  /** What each label is called as a column; others are hidden. */
  readonly columns: Readonly<Record<string, string>>;
  readonly texts?: StatOptions['texts'];
}

/** Rows that hold now, one a series; several queries are joined by their labels. */
export function tablePanel({ columns, texts, ...options }: TableOptions): table.PanelBuilder {
  const panel = new table.PanelBuilder().withTransformation({ id: 'merge', options: {} }).withTransformation({
    id: 'organize',
    options: { excludeByName: { Time: true, migration: true, __name__: true }, renameByName: { ...columns } },
  });
  if (texts !== undefined) panel.mappings([{ type: dashboard.MappingType.ValueToText, options: { ...texts } }]);
  return shared(panel, options, 'table');
}

export interface SeriesOptions extends PanelOptions {
  readonly stacked?: boolean;
}

/** What happened over time. Gaps stay gaps: a meter that was silent saw nothing. */
export function seriesPanel({ stacked = false, ...options }: SeriesOptions): timeseries.PanelBuilder {
  const panel = new timeseries.PanelBuilder()
    .min(0)
    .lineWidth(1)
    .fillOpacity(stacked ? 40 : 8)
    .spanNulls(false)
    .showPoints(common.VisibilityMode.Never)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi));
  if (stacked) panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal));
  for (const [audience, color] of Object.entries(AUDIENCE_COLOURS))
    panel.overrideByName(audience, [{ id: 'color', value: { mode: 'fixed', fixedColor: color } }]);
  return shared(panel, options, 'range');
}

interface PanelBuilder {
  title(title: string): unknown;
  description(text: string): unknown;
  datasource(reference: common.DataSourceRef): unknown;
  span(columns: number): unknown;
  height(rows: number): unknown;
  unit(unit: string): unknown;
  withTarget(query: prometheus.DataqueryBuilder): unknown;
}

function shared<T extends PanelBuilder>(
  panel: T,
  { title, help, queries, unit, width, height }: PanelOptions,
  kind: 'instant' | 'table' | 'range',
): T {
  panel.title(title);
  panel.description(help);
  panel.datasource(DATASOURCE);
  panel.span(width);
  panel.height(height);
  if (unit !== undefined) panel.unit(unit);
  for (const [index, { expr, legend }] of queries.entries()) {
    const query = new prometheus.DataqueryBuilder().expr(expr).refId(String.fromCharCode(65 + index));
    if (legend !== undefined) query.legendFormat(legend);
    if (kind === 'range') query.range();
    else query.instant();
    if (kind === 'table') query.format(prometheus.PromQueryFormat.Table);
    panel.withTarget(query);
  }
  return panel;
}
