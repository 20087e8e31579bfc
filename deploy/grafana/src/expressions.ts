/** PromQL that every dashboard needs. `$__rate_interval` is Grafana's: four scrapes, or a step where that is longer. */
import type { Query } from './panels.js';

const window = '[$__rate_interval]';

/** How often a second, for each value of the labels that are kept. */
export function rateBy(labels: string, selector: string): string {
  return `sum by (${labels}) (rate(${selector}${window}))`;
}

function rate(selector: string): string {
  return `sum(rate(${selector}${window}))`;
}

/** Part of whole; 0 where there is no whole, since then no part of it failed. */
export function share(part: string, whole: string): string {
  return `${rate(part)} / (${rate(whole)} > 0) or vector(0)`;
}

/** The same, and `none` where nothing was counted yet: the series of many labels begin when they happen. */
export function rateOrNone(label: string, selector: string): string {
  return `${rateBy(label, selector)} or label_replace(vector(0), "${label}", "none", "", "")`;
}

/** Of a histogram: so many of all were at most this. */
export function quantile(q: number, histogram: string, labels = ''): string {
  const by = labels === '' ? 'le' : `le, ${labels}`;
  const [, name = histogram, matchers = ''] = /^(\w+)(\{.*\})?$/.exec(histogram) ?? [];
  return `histogram_quantile(${q}, ${rateBy(by, `${name}_bucket${matchers}`)})`;
}

/** The middle, and the slowest of a hundred. */
export function quantiles(histogram: string): readonly Query[] {
  return [
    { expr: quantile(0.5, histogram), legend: 'p50' },
    { expr: quantile(0.99, histogram), legend: 'p99' },
  ];
}
