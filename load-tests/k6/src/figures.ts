/** Everything that a run measures: k6's metrics, by name, and what must hold in every scenario. */

export type FigureKind = 'times' | 'count';
export type Figure = {
  readonly kind: FigureKind;
  /** Of the system that is loaded, or of the load itself: a slow generator must not look like a slow system. */
  readonly of: 'system' | 'generator';
  readonly what: string;
};

const times = (what: string): Figure => ({ kind: 'times', of: 'system', what });
const count = (what: string): Figure => ({ kind: 'count', of: 'system', what });

export const figures = {
  delivery_ms: times('from when a message was due to when a member on line had it'),
  acknowledge_ms: times('from when a message was due to when its sender knew that it is durable'),
  ready_ms: times('from opening a socket to the first word of the gateway'),
  usable_ms: times('from opening a socket to everything that was missed, fetched, and live'),
  catch_up_ms: times('the same, of those who had missed messages'),
  sign_in_ms: times('the two requests of a sign-in, without the signature between them'),
  messages_sent: count('messages written'),
  messages_acknowledged: count('messages that the server called durable'),
  messages_expected: count('copies that members had to get'),
  messages_received: count('copies that members got'),
  messages_caught_up: count('of these, copies of what was written while the member was away'),
  messages_across: count('of these, copies that came from a sender on another gateway'),
  messages_lost: count('acknowledged, and missing at a member'),
  messages_unacknowledged: count('written, and never called durable'),
  messages_twice: count('shown twice to a member'),
  messages_out_of_order: count('shown after a later one of the same sender'),
  messages_unreadable: count('came with other bytes than were sent'),
  receipts: count('notices that a message is on a device of another member'),
  appends_refused: count('refused for good'),
  appends_delayed: count('answered with a time to wait'),
  sockets_opened: count('sockets that became live'),
  sockets_lost: count('sockets that the server closed, or that broke'),
  sign_ins: count('sign-ins'),
  token_renewals: count('access tokens renewed on an open socket'),
  requests_failed: count('HTTP requests that were not answered with success'),
  lateness_ms: { kind: 'times', of: 'generator', what: 'how late the generator was with a message' },
  signing_ms: { kind: 'times', of: 'generator', what: 'one Ed25519 signature in the generator' },
  vus_finished: { kind: 'count', of: 'generator', what: 'VUs that came to the end of the scenario' },
} as const satisfies Readonly<Record<string, Figure>>;

export type FigureName = keyof typeof figures;

export const figureNames = Object.keys(figures) as readonly FigureName[];

/** k6 fails the run where one does not hold. Delivery counts from when a message was due: no coordinated omission. */
export const thresholdsOfAll: Readonly<Partial<Record<FigureName, readonly string[]>>> = {
  delivery_ms: ['p(95)<200'],
  messages_received: ['count>0'],
  messages_lost: ['count==0'],
  messages_unacknowledged: ['count==0'],
  messages_twice: ['count==0'],
  messages_out_of_order: ['count==0'],
  messages_unreadable: ['count==0'],
  appends_refused: ['count==0'],
  sockets_lost: ['count==0'],
  requests_failed: ['count==0'],
};
