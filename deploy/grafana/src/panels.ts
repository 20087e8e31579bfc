/**
 * The panels that the dashboards are made of, each by what it shows: a figure to read at a glance, lines over time,
 * bars to compare. What a panel is for stands in its description, in the words of whom it concerns.
 */
import { PanelBuilder as BarsBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import {
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  MappingType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMap,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as FigureBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as LinesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** Of Grafana: seconds, a share of one, how often a second, bytes, bytes a second, a plain number. */
type Unit = 's' | 'percentunit' | 'ops' | 'bytes' | 'Bps' | 'none';

export type Query = {
  readonly expr: string;
  /** May name labels: `{{instance}}`. */
  readonly legend: string;
};

/** From this value on, this colour; green below the first. */
export type Step = { readonly from: number; readonly colour: 'orange' | 'red' | 'green' };

type Panel = {
  readonly title: string;
  /** What it shows and what to think of it. */
  readonly means: string;
  readonly unit: Unit;
  /** Of the 24 columns. */
  readonly width: number;
  readonly height?: number;
  readonly steps?: readonly Step[];
};

/** Chosen by the person who looks. */
const source = { type: 'prometheus', uid: '${datasource}' };
const lineHeight = 8;
const figureHeight = 4;

function target({ expr, legend }: Query, index: number): DataqueryBuilder {
  return new DataqueryBuilder()
    .refId(String.fromCodePoint('A'.charCodeAt(0) + index))
    .expr(expr)
    .legendFormat(legend);
}

function thresholds(steps: readonly Step[], base: 'green' | 'red'): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([
      { value: null, color: base },
      ...steps.map(({ from, colour }) => ({ value: from, color: colour })),
    ]);
}

/** One number as of now, coloured by what it means. */
export function figure(
  params: Panel & {
    readonly query: Query;
    readonly decimals?: number;
    /** The colour below the first step; green unless said. */
    readonly base?: 'green' | 'red';
    /** Words in place of numbers. */
    readonly words?: Readonly<Record<string, { readonly text: string; readonly color: 'green' | 'red' }>>;
    /** What stands there when nothing is known. */
    readonly noValue?: string;
  },
): FigureBuilder {
  const { title, means, unit, width, height = figureHeight, steps = [], query, words } = params;
  const builder = new FigureBuilder()
    .title(title)
    .description(means)
    .datasource(source)
    .unit(unit)
    .span(width)
    .height(height)
    .noValue(params.noValue ?? 'unknown')
    .colorMode(BigValueColorMode.Background)
    .graphMode(words === undefined ? BigValueGraphMode.Area : BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(thresholds(steps, params.base ?? 'green'))
    .withTarget(target(query, 0));
  if (params.decimals !== undefined) builder.decimals(params.decimals);
  if (words !== undefined) {
    const mapping: ValueMap = { type: MappingType.ValueToText, options: { ...words } };
    builder.mappings([mapping]);
  }
  return builder;
}

/** Lines over time; `stacked` where they are parts of a whole. */
export function lines(
  params: Panel & {
    readonly queries: readonly Query[];
    readonly shape?: 'lines' | 'stacked';
    readonly max?: number;
  },
): LinesBuilder {
  const { title, means, unit, width, height = lineHeight, steps, queries, shape = 'lines' } = params;
  const builder = new LinesBuilder()
    .title(title)
    .description(means)
    .datasource(source)
    .unit(unit)
    .min(0)
    .span(width)
    .height(height)
    .lineWidth(1)
    .fillOpacity(shape === 'stacked' ? 30 : 5)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .targets(queries.map(target));
  if (params.max !== undefined) builder.max(params.max);
  if (shape === 'stacked') builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  if (steps !== undefined)
    builder
      .thresholds(thresholds(steps, 'green'))
      .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  return builder;
}

/** A bar for each series as of now, to see which stands out. */
export function bars(params: Panel & { readonly queries: readonly Query[] }): BarsBuilder {
  const { title, means, unit, width, height = lineHeight, steps = [], queries } = params;
  return new BarsBuilder()
    .title(title)
    .description(means)
    .datasource(source)
    .unit(unit)
    .min(0)
    .span(width)
    .height(height)
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(thresholds(steps, 'green'))
    .targets(queries.map(target));
}
