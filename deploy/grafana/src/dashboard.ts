/** What all dashboards have in common: where they ask, how far they look back, how one comes from one to the others. */
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
  type DashboardLink,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { bars, figure, lines } from './panels.js';

type Panel = ReturnType<typeof bars | typeof figure | typeof lines>;

export type Row = { readonly title: string; readonly panels: readonly Panel[] };

export type DashboardParams = {
  /** In the address; never changes. */
  readonly uid: string;
  readonly title: string;
  /** What it answers. */
  readonly answers: string;
  readonly from?: 'now-1h' | 'now-6h';
  /** Lets the person choose among the instances that show this metric, as `$instance`. */
  readonly instancesOf?: string;
  /** Likewise among namespaces, as `$namespace`. */
  readonly namespacesOf?: string;
  readonly rows: readonly Row[];
};

const tag = 'cipherchat';

/** Not by the package's builder, which hides links in a menu. */
const toTheOthers: DashboardLink = {
  title: 'CipherChat',
  type: DashboardLinkType.Dashboards,
  icon: '',
  tooltip: '',
  tags: [tag],
  asDropdown: false,
  targetBlank: false,
  includeVars: true,
  keepTime: true,
};

export function dashboard(params: DashboardParams): DashboardBuilder {
  const { uid, title, answers, from = 'now-1h', instancesOf, namespacesOf, rows } = params;
  // The classic shape, and not the newer one of the same package: every Grafana that is still kept up reads it from a file.
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(answers)
    .tags([tag])
    .readonly()
    .time({ from, to: 'now' })
    .refresh('30s')
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .link({ build: () => toTheOthers })
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'));
  if (instancesOf !== undefined)
    builder.withVariable(choice({ name: 'instance', label: 'Instance', metric: instancesOf }));
  if (namespacesOf !== undefined)
    builder.withVariable(choice({ name: 'namespace', label: 'Namespace', metric: namespacesOf }));
  // Numbered here, so that the address of a panel stays the same as long as those before it do.
  let id = 0;
  for (const row of rows) {
    builder.withRow(new RowBuilder(row.title).id(++id));
    for (const panel of row.panels) builder.withPanel(panel.id(++id));
  }
  return builder;
}

/** Of the values that a label has; all of them unless the person says otherwise. */
function choice(params: {
  readonly name: string;
  readonly label: string;
  readonly metric: string;
}): QueryVariableBuilder {
  const { name, label, metric } = params;
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource({ type: 'prometheus', uid: '${datasource}' })
    .query(`label_values(${metric}, ${name})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: 'All', value: '$__all' });
}
