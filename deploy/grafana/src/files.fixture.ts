/** The files that are checked: as Prometheus and Grafana read them, not as the code made them. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const deploy = fileURLToPath(new URL('../..', import.meta.url));
export const runbooksDir = fileURLToPath(new URL('../../../docs/runbooks', import.meta.url));

export type Rule = {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
};
type RuleFile = { readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[] };
type TestFile = {
  readonly tests: readonly {
    readonly name: string;
    readonly promql_expr_test: readonly { readonly exp_samples: readonly { readonly labels: string }[] }[];
  }[];
};
export type Panel = {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
};
export type Dashboard = { readonly uid: string; readonly title: string; readonly panels: readonly Panel[] };

export const yamlOf = (file: string): unknown => parse(readFileSync(`${deploy}/${file}`, 'utf8'));
export const filesIn = (folder: string): readonly string[] => readdirSync(`${deploy}/${folder}`);

export const rules = filesIn('prometheus/rules').flatMap((file) =>
  (yamlOf(`prometheus/rules/${file}`) as RuleFile).groups.flatMap((group) => group.rules),
);
export const ruleTests = filesIn('prometheus/tests').flatMap(
  (file) => (yamlOf(`prometheus/tests/${file}`) as TestFile).tests,
);
export const dashboards = filesIn('grafana/dashboards').map(
  (file) => JSON.parse(readFileSync(`${deploy}/grafana/dashboards/${file}`, 'utf8')) as Dashboard,
);
export const kubernetesMetrics = readFileSync(`${deploy}/grafana/testing/kubernetes.prom`, 'utf8');
