/** What a query of Prometheus reads: the metrics, and which values of their labels it asks for. */
import { parser } from '@prometheus-io/lezer-promql';

export type Selector = {
  readonly metric: string;
  /** Label matchers with `=`; those with patterns are left out. */
  readonly equals: Readonly<Record<string, string>>;
  readonly labels: readonly string[];
};

/** @throws SyntaxError when it is none */
export function selectorsOf(query: string): readonly Selector[] {
  const selectors: { metric: string; equals: Record<string, string>; labels: string[] }[] = [];
  const textAt = ({ from, to }: { readonly from: number; readonly to: number }): string =>
    query.slice(from, to);
  parser.parse(query).iterate({
    enter: (node) => {
      const current = selectors.at(-1);
      if (node.type.isError) throw new SyntaxError(`no PromQL at ${node.from}: ${query}`);
      if (node.name === 'VectorSelector') selectors.push({ metric: '', equals: {}, labels: [] });
      else if (node.name === 'Identifier' && current !== undefined) current.metric = textAt(node);
      else if (node.name === 'UnquotedLabelMatcher' && current !== undefined) {
        const [label, operator, value] = ['LabelName', 'MatchOp', 'StringLiteral'].map((name) => {
          const child = node.node.getChild(name);
          return child === null ? '' : textAt(child);
        });
        if (label === undefined || value === undefined) return;
        current.labels.push(label);
        if (operator === '=') current.equals[label] = value.slice(1, -1);
      }
    },
  });
  return selectors;
}

/** As Grafana fills in its variables: any instance and namespace, and the given window. */
export function filledIn(query: string, window: string): string {
  return query
    .replaceAll('$__rate_interval', window)
    .replaceAll('$instance', '.*')
    .replaceAll('$namespace', '.*');
}
