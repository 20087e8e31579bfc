/** The dashboards as Grafana reads them, and every query of them against a Prometheus. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { filledIn, selectorsOf } from '@cipherchat/grafana';
import type { Line } from './prometheus.js';

const folder = fileURLToPath(new URL('../../../deploy/grafana/dashboards', import.meta.url));
/** Several scrapes of the run, as Grafana would choose. */
const rateWindow = '10s';

export type Panel = {
  readonly title: string;
  readonly description: string;
  readonly type: 'stat' | 'timeseries' | 'bargauge' | 'row';
  readonly gridPos: { readonly w: number };
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string;
      readonly mappings?: readonly {
        readonly options: Readonly<Record<string, { readonly text?: string }>>;
      }[];
      readonly thresholds?: {
        readonly steps: readonly { readonly value: number | null; readonly color: string }[];
      };
    };
  };
  readonly targets?: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly legendFormat?: string;
  }[];
};
export type Dashboard = { readonly uid: string; readonly title: string; readonly panels: readonly Panel[] };
export type AnsweredPanel = {
  readonly panel: Panel;
  readonly lines: readonly (Line & { readonly name: string })[];
};
export type Answered = {
  readonly dashboard: Dashboard;
  readonly panels: readonly AnsweredPanel[];
  readonly queries: number;
  readonly faults: readonly string[];
};
type Ask = (query: string) => Promise<readonly Line[]>;

export function readDashboards(): readonly Dashboard[] {
  return readdirSync(folder).map(
    (file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Dashboard,
  );
}

/** A query without a number is a fault, and so is one that names a metric which nobody shows: a default would hide it. */
export async function answer(dashboard: Dashboard, ask: Ask): Promise<Answered> {
  const faults: string[] = [];
  const panels: AnsweredPanel[] = [];
  let queries = 0;
  for (const panel of dashboard.panels) {
    const lines: AnsweredPanel['lines'][number][] = [];
    for (const { refId, expr, legendFormat = '' } of panel.targets ?? []) {
      queries++;
      const where = `${dashboard.title}, ${panel.title}, ${refId}`;
      const query = filledIn(expr, rateWindow);
      try {
        const found = (await ask(query)).filter(({ points }) => points.length > 0);
        if (found.length === 0) faults.push(`${where}: no data: ${query}`);
        for (const metric of new Set(selectorsOf(query).map((selector) => selector.metric)))
          if (!(await isShown(metric, ask))) faults.push(`${where}: nobody shows ${metric}`);
        lines.push(...found.map((line) => ({ ...line, name: legendOf(legendFormat, line.labels) })));
      } catch (error) {
        faults.push(`${where}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    if (panel.type !== 'row') panels.push({ panel, lines });
  }
  return { dashboard, panels, queries, faults };
}

/** No alert fires for most of a run. */
async function isShown(metric: string, ask: Ask): Promise<boolean> {
  return metric === 'ALERTS' || (await ask(`count(${metric})`)).length > 0;
}

export function legendOf(format: string, labels: Readonly<Record<string, string>>): string {
  return format.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '').trim();
}
