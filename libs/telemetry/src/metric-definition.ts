/** What a metric of the catalogue says of itself. */

/** `probe` is no service: it is a client that measures them (`cipherchat probe`). */
export const serviceNames = [
  'auth',
  'key-directory',
  'gateway',
  'message-store',
  'media',
  'push',
  'probe',
] as const;
export type ServiceName = (typeof serviceNames)[number];

/** Every label with all its values: sets are closed, so that no id can become one. */
export type LabelSets = Readonly<Record<string, readonly string[]>>;

export type Buckets = {
  /** Ascending; what is greater than the last is counted too, in `+Inf`. */
  readonly bounds: readonly number[];
  readonly why: string;
};

type Described = {
  readonly help: string;
  readonly labels: LabelSets;
  /** Which services show it. */
  readonly services: readonly ServiceName[] | 'every';
};

export type MetricDefinition =
  | (Described & { readonly type: 'counter' })
  | (Described & { readonly type: 'gauge' })
  | (Described & { readonly type: 'histogram'; readonly buckets: Buckets });

export type LabelsOf<L extends LabelSets> = { readonly [Name in keyof L]: L[Name][number] };

/** Of a service that is none of ours (a test's) the catalogue says nothing. */
export function isShownBy({ services }: MetricDefinition, service: string): boolean {
  const known = serviceNames.find((name) => name === service);
  return known === undefined || services === 'every' || services.includes(known);
}
