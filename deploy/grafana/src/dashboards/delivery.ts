/** Delivery: the top row answers in ten seconds whether people's messages arrive; the others, where they do not. */
import { dashboard } from '../dashboard.js';
import { quantile, rateBy, share } from '../expressions.js';
import { bars, figure, lines, type Query } from '../panels.js';

/** The target: of a thousand messages, one may take longer than 200 ms. */
const allowedShare = 0.001;
const targetS = 0.2;
const delay = 'cipherchat_probe_delivery_duration_seconds';
const messages = 'cipherchat_probe_messages_total';
/** Of deploy/prometheus/rules/delivery.rules.yml. */
const late = (window: string): string => `cipherchat:probe_messages_late:ratio_rate${window}`;
const burn = (window: string): string => `${late(window)} / ${allowedShare}`;
const slow = [
  { from: targetS / 2, colour: 'orange' },
  { from: targetS, colour: 'red' },
] as const;

/** In the order in which a message meets them. */
const stages: readonly Query[] = [
  { expr: quantile(0.99, 'cipherchat_append_wait_seconds'), legend: '1 wait in the gateway' },
  { expr: quantile(0.99, 'cipherchat_append_commit_seconds'), legend: '2 commit in the store' },
  { expr: quantile(0.99, 'cipherchat_append_publish_seconds'), legend: '3 publish to the members' },
  { expr: quantile(0.99, 'cipherchat_delivery_forward_seconds'), legend: '4 from the log to a socket' },
  { expr: quantile(0.99, 'cipherchat_delivery_acknowledge_seconds'), legend: '5 stored by the device' },
];

export const delivery = dashboard({
  uid: 'cipherchat-delivery',
  title: 'CipherChat: delivery',
  answers:
    'Do people’s messages arrive, and where not? Measured from outside, by the probe: real accounts that write to each other.',
  rows: [
    {
      title: 'Do messages arrive?',
      panels: [
        figure({
          title: 'Messages arrive',
          means:
            'Whether of the messages that the probe sent in the last two minutes 99 % were shown on the other device.',
          unit: 'none',
          width: 4,
          query: {
            expr: `sum(rate(${messages}{outcome=~"delivered|late"}[2m])) / sum(rate(${messages}{outcome="sent"}[2m])) > bool 0.99`,
            legend: '',
          },
          base: 'red',
          steps: [{ from: 1, colour: 'green' }],
          words: { '1': { text: 'YES', color: 'green' }, '0': { text: 'NO', color: 'red' } },
          noValue: 'no probe',
        }),
        figure({
          title: 'Budget left, 30 days',
          means:
            'Of a thousand messages one may take more than 200 ms. What is left of that over 30 days; below 0 the target is missed.',
          unit: 'percentunit',
          decimals: 0,
          width: 4,
          query: { expr: `1 - ${burn('30d')}`, legend: '' },
          base: 'red',
          steps: [
            { from: 0, colour: 'orange' },
            { from: 0.25, colour: 'green' },
          ],
        }),
        figure({
          title: 'Half of them within',
          means:
            'From the call that sends to the message shown on the other device: the middle of the last 5 minutes.',
          unit: 's',
          decimals: 0,
          width: 4,
          query: { expr: `histogram_quantile(0.5, sum by (le) (rate(${delay}_bucket[5m])))`, legend: '' },
          steps: slow,
        }),
        figure({
          title: '99 of 100 within',
          means: 'The same for the slowest of a hundred. The target is 200 ms.',
          unit: 's',
          decimals: 0,
          width: 4,
          query: { expr: `histogram_quantile(0.99, sum by (le) (rate(${delay}_bucket[5m])))`, legend: '' },
          steps: slow,
        }),
        figure({
          title: 'Burn of the last hour',
          means:
            'How many times faster than allowed the budget is used up. Above 14.4 a month’s budget is gone in two days, and somebody is called.',
          unit: 'none',
          decimals: 1,
          width: 4,
          query: { expr: burn('1h'), legend: '' },
          steps: [
            { from: 1, colour: 'orange' },
            { from: 14.4, colour: 'red' },
          ],
        }),
        figure({
          title: 'Lost or twice, last hour',
          means:
            'Messages of the probe that never arrived so far, or were shown twice. Both are promised to be none.',
          unit: 'none',
          decimals: 0,
          width: 4,
          query: {
            expr: 'clamp_min(cipherchat:probe_messages_lost:increase1h, 0) + cipherchat:probe_messages_duplicate:increase1h',
            legend: '',
          },
          steps: [{ from: 0.5, colour: 'red' }],
        }),
        lines({
          title: 'How long messages take',
          means: 'From sender to screen, as the probe sees it. The line is the target.',
          unit: 's',
          width: 12,
          steps: [{ from: targetS, colour: 'red' }],
          queries: [
            { expr: quantile(0.5, delay), legend: 'p50' },
            { expr: quantile(0.99, delay), legend: 'p99' },
          ],
        }),
        lines({
          title: 'How fast the budget burns',
          means:
            'Multiples of what is allowed, over windows. Both 5 minutes and 1 hour above 14.4, or 30 minutes and 6 hours above 6: somebody is called. 2 hours and 1 day above 3, or 6 hours and 3 days above 1: a ticket.',
          unit: 'none',
          width: 12,
          steps: [
            { from: 1, colour: 'orange' },
            { from: 14.4, colour: 'red' },
          ],
          queries: ['5m', '30m', '1h', '2h', '6h', '1d', '3d'].map((window) => ({
            expr: burn(window),
            legend: window,
          })),
        }),
      ],
    },
    {
      title: 'Where not?',
      panels: [
        bars({
          title: 'Steps of the way, slowest of a hundred, now',
          means: 'The steps of a delivery, in their order. The one that stands out is where to look.',
          unit: 's',
          width: 12,
          steps: slow,
          queries: stages,
        }),
        lines({
          title: 'Steps of the way, slowest of a hundred',
          means:
            'The last one is the device’s own: a phone that sleeps makes it long, and nobody waits for it. The fourth compares two clocks.',
          unit: 's',
          width: 12,
          queries: stages,
        }),
        lines({
          title: 'What the store said to those who send',
          means:
            'Busy: the store did not answer, or has too much; clients send again. Stale-commit and duplicate are a part of normal life.',
          unit: 'ops',
          width: 6,
          shape: 'stacked',
          queries: [{ expr: rateBy('outcome', 'cipherchat_appends_total'), legend: '{{outcome}}' }],
        }),
        lines({
          title: 'Share of appends without success',
          means: 'Busy is the server’s fault. Above 1 % for five minutes somebody is called.',
          unit: 'percentunit',
          width: 6,
          steps: [{ from: 0.01, colour: 'red' }],
          queries: [
            {
              expr: share('cipherchat_appends_total{outcome="busy"}', 'cipherchat_appends_total'),
              legend: 'busy',
            },
          ],
        }),
        lines({
          title: 'What the probe could not do',
          means: 'Begin: make accounts, or meet. Send: hand over a message.',
          unit: 'ops',
          width: 6,
          queries: [{ expr: rateBy('at', 'cipherchat_probe_failures_total'), legend: '{{at}}' }],
        }),
        lines({
          title: 'Devices of the probe that are not connected',
          means:
            'Of its pairs, the share without both devices. It stands for all people’s: for a moment at a restart of a gateway.',
          unit: 'percentunit',
          width: 6,
          max: 1,
          queries: [{ expr: '1 - min(cipherchat_probe_live_ratio)', legend: 'not connected' }],
        }),
        lines({
          title: 'What devices cannot read',
          means:
            'As they report it themselves, where their owners let them; by cause. Some are stragglers after a restore; many of a sudden are a fault of an app.',
          unit: 'ops',
          width: 6,
          queries: [
            { expr: rateBy('cause', 'cipherchat_client_decrypt_failures_total'), legend: '{{cause}}' },
          ],
        }),
        lines({
          title: 'Processes that answer',
          means: 'Scraped at all, by service. A step down is a restart or a crash.',
          unit: 'none',
          width: 6,
          queries: [{ expr: 'sum by (service) (up{job="cipherchat"})', legend: '{{service}}' }],
        }),
        lines({
          title: 'Clients told to look for what they missed',
          means:
            'They had fallen behind, or a gateway had lost NATS. They catch up by themselves; a surge is load for the store.',
          unit: 'ops',
          width: 6,
          shape: 'stacked',
          queries: [{ expr: rateBy('cause', 'cipherchat_resyncs_total'), legend: '{{cause}}' }],
        }),
        lines({
          title: 'Alerts that fire',
          means: 'Each has a page in docs/runbooks.',
          unit: 'none',
          width: 6,
          shape: 'stacked',
          queries: [
            {
              expr: 'count by (alertname) (ALERTS{alertstate="firing"}) or label_replace(vector(0), "alertname", "none", "", "")',
              legend: '{{alertname}}',
            },
          ],
        }),
      ],
    },
  ],
});
