/** Gateways: sockets in and out, and what waits in them. */
import { dashboard } from '../dashboard.js';
import { quantile, rateBy, rateOrNone, share } from '../expressions.js';
import { lines } from '../panels.js';

const here = 'instance=~"$instance"';
const of = (metric: string, more = ''): string => `${metric}{${here}${more}}`;

export const gateways = dashboard({
  uid: 'cipherchat-gateways',
  title: 'CipherChat: gateways',
  answers: 'Can devices connect and stay connected, and does anything wait on the way to them?',
  instancesOf: 'cipherchat_sockets_open',
  rows: [
    {
      title: 'Sockets',
      panels: [
        lines({
          title: 'Open sockets',
          means: 'By gateway. A new one fills as devices reconnect; all falling at once is the way to them.',
          unit: 'none',
          width: 8,
          shape: 'stacked',
          queries: [{ expr: `sum by (instance) (${of('cipherchat_sockets_open')})`, legend: '{{instance}}' }],
        }),
        lines({
          title: 'Attempts to connect',
          means:
            'Unavailable: draining or full. Rate-limited: one person or address too often. Forbidden: an origin that is not allowed.',
          unit: 'ops',
          width: 8,
          shape: 'stacked',
          queries: [
            { expr: rateBy('outcome', of('cipherchat_socket_handshakes_total')), legend: '{{outcome}}' },
          ],
        }),
        lines({
          title: 'Sockets closed by the gateway',
          means: 'By the reason that the client is told. slowConsumer: it did not read what was sent to it.',
          unit: 'ops',
          width: 8,
          shape: 'stacked',
          queries: [{ expr: rateBy('reason', of('cipherchat_sockets_closed_total')), legend: '{{reason}}' }],
        }),
      ],
    },
    {
      title: 'Frames',
      panels: [
        lines({
          title: 'Frames from clients',
          means:
            'By type. Append is a message or commit; unknown is a client that is newer, or none of ours.',
          unit: 'ops',
          width: 12,
          queries: [{ expr: rateBy('type', of('cipherchat_frames_received_total')), legend: '{{type}}' }],
        }),
        lines({
          title: 'Frames to clients',
          means: 'By type. Deliver is one for each device that was online.',
          unit: 'ops',
          width: 12,
          queries: [{ expr: rateBy('type', of('cipherchat_frames_sent_total')), legend: '{{type}}' }],
        }),
      ],
    },
    {
      title: 'What takes long, and what waits',
      panels: [
        lines({
          title: 'Append: from the socket to the store’s answer',
          means: 'What a sender waits for “sent”. The line is the target of the whole delivery.',
          unit: 's',
          width: 8,
          steps: [{ from: 0.2, colour: 'red' }],
          queries: [
            { expr: quantile(0.5, of('cipherchat_append_duration_seconds')), legend: 'p50' },
            { expr: quantile(0.99, of('cipherchat_append_duration_seconds')), legend: 'p99' },
            {
              expr: quantile(0.99, of('cipherchat_append_wait_seconds')),
              legend: 'p99 of the wait in the gateway',
            },
          ],
        }),
        lines({
          title: 'Forward: from the log to a socket',
          means: 'The live way down. Two clocks: where it is below what is possible, they disagree.',
          unit: 's',
          width: 8,
          steps: [{ from: 0.2, colour: 'red' }],
          queries: [
            { expr: quantile(0.5, of('cipherchat_delivery_forward_seconds')), legend: 'p50' },
            { expr: quantile(0.99, of('cipherchat_delivery_forward_seconds')), legend: 'p99' },
          ],
        }),
        lines({
          title: 'Acknowledge: from the socket to the device’s disk',
          means: 'The device’s own time. A phone that sleeps makes it long.',
          unit: 's',
          width: 8,
          queries: [
            { expr: quantile(0.5, of('cipherchat_delivery_acknowledge_seconds')), legend: 'p50' },
            { expr: quantile(0.99, of('cipherchat_delivery_acknowledge_seconds')), legend: 'p99' },
          ],
        }),
        lines({
          title: 'Envelopes that wait for the store',
          means:
            'Usually none: a request takes along what a tick brought. Full at 8,192; then senders are told busy.',
          unit: 'none',
          width: 8,
          queries: [
            {
              expr: `sum by (instance) (${of('cipherchat_append_queue_envelopes', ', service="gateway"')})`,
              legend: 'appends, {{instance}}',
            },
            {
              expr: `sum by (instance) (${of('cipherchat_acknowledge_queue_positions', ', service="gateway"')})`,
              legend: 'acknowledgements, {{instance}}',
            },
          ],
        }),
        lines({
          title: 'Bytes that wait for sockets',
          means: 'In memory, over all sockets. One socket may have 1 MiB, and is then closed.',
          unit: 'bytes',
          width: 8,
          queries: [
            { expr: `sum by (instance) (${of('cipherchat_socket_queue_bytes')})`, legend: '{{instance}}' },
          ],
        }),
        lines({
          title: 'Devices that do not keep up',
          means:
            'Unacknowledged: forwarded, and not yet stored by the device. Behind: they catch up from the store.',
          unit: 'none',
          width: 8,
          queries: [
            { expr: `sum(${of('cipherchat_unacknowledged_envelopes')})`, legend: 'unacknowledged envelopes' },
            { expr: `sum(${of('cipherchat_sockets_behind')})`, legend: 'sockets behind' },
            {
              expr: `sum(increase(${of('cipherchat_sockets_fell_behind_total')}[$__rate_interval]))`,
              legend: 'fell behind',
            },
          ],
        }),
      ],
    },
    {
      title: 'Refusals',
      panels: [
        lines({
          title: 'Problems told to clients',
          means: 'Refusals on the socket by their code, which docs/protocol/errors.md explains.',
          unit: 'ops',
          width: 12,
          queries: [
            {
              expr: rateOrNone('code', of('cipherchat_problems_total', ', via="socket"')),
              legend: '{{code}}',
            },
          ],
        }),
        lines({
          title: 'Share of sockets refused',
          means: 'Unavailable, of all attempts. During a rollout some; otherwise too few gateways.',
          unit: 'percentunit',
          width: 12,
          steps: [{ from: 0.05, colour: 'red' }],
          queries: [
            {
              expr: share(
                of('cipherchat_socket_handshakes_total', ', outcome="unavailable"'),
                of('cipherchat_socket_handshakes_total'),
              ),
              legend: 'unavailable',
            },
          ],
        }),
      ],
    },
  ],
});
