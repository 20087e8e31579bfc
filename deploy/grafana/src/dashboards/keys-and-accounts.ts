/** Keys and accounts: whether people can sign in, find each other and begin to write. */
import { dashboard } from '../dashboard.js';
import { quantile, rateBy, rateOrNone, share } from '../expressions.js';
import { lines } from '../panels.js';

const http = 'cipherchat_http_request_duration_seconds';
const claims = 'cipherchat_key_packages_claimed_total';
const events = (pattern: string): string => `cipherchat_events_total{event=~"${pattern}"}`;

export const keysAndAccounts = dashboard({
  uid: 'cipherchat-keys-and-accounts',
  title: 'CipherChat: keys and accounts',
  answers:
    'Can people sign up, sign in, find each other, and get the keys with which to write to each other?',
  rows: [
    {
      title: 'Key packages',
      panels: [
        lines({
          title: 'Key packages handed out',
          means:
            'One for each device that is to be added to a group. Last-resort: its single-use ones are used up, which is a little weaker. Exhausted: it had none at all, and cannot be added.',
          unit: 'ops',
          width: 8,
          shape: 'stacked',
          queries: [{ expr: rateBy('outcome', claims), legend: '{{outcome}}' }],
        }),
        lines({
          title: 'Share that is not single-use',
          means: 'Exhausted above 5 % of an hour makes a ticket: people cannot add somebody.',
          unit: 'percentunit',
          width: 8,
          queries: [
            { expr: share(`${claims}{outcome="last-resort"}`, claims), legend: 'last-resort' },
            { expr: share(`${claims}{outcome="exhausted"}`, claims), legend: 'exhausted' },
          ],
        }),
        lines({
          title: 'Single-use packages that a device has left',
          means:
            'Whenever a device looks, which it does at its start and every hour. Half of them have less than p50, one in twenty less than p5.',
          unit: 'none',
          width: 8,
          queries: [
            { expr: quantile(0.5, 'cipherchat_stock_key_packages'), legend: 'p50' },
            { expr: quantile(0.05, 'cipherchat_stock_key_packages'), legend: 'p5' },
          ],
        }),
      ],
    },
    {
      title: 'Accounts',
      panels: [
        lines({
          title: 'Accounts and devices',
          means:
            'What happens to them. Refresh-reused: a token was used twice, so that its session was ended; many may be theft.',
          unit: 'ops',
          width: 12,
          queries: [{ expr: rateBy('event', events('auth\\\\..+')), legend: '{{event}}' }],
        }),
        lines({
          title: 'Sign-ins, renewals, revocations',
          means:
            'Refused sign-ins in numbers: somebody tries, or devices have wrong clocks. Reused: a token was copied, or its answer was lost.',
          unit: 'ops',
          width: 12,
          queries: [
            { expr: rateBy('outcome', 'cipherchat_sign_ins_total'), legend: 'sign-in {{outcome}}' },
            { expr: rateBy('outcome', 'cipherchat_refreshes_total'), legend: 'renewal {{outcome}}' },
            { expr: rateBy('kind', 'cipherchat_revocations_total'), legend: 'revoked {{kind}}' },
            {
              expr: rateBy('outcome', 'cipherchat_manifests_published_total'),
              legend: 'manifest {{outcome}}',
            },
          ],
        }),
        lines({
          title: 'Requests by service and outcome',
          means: '4xx are refusals, often right ones; 5xx are ours.',
          unit: 'ops',
          width: 12,
          queries: [{ expr: rateBy('service, status', `${http}_count`), legend: '{{service}} {{status}}' }],
        }),
        lines({
          title: 'Requests that take longest',
          means: 'The slowest of a hundred, by route: the ten slowest.',
          unit: 's',
          width: 12,
          queries: [
            {
              expr: `topk(10, histogram_quantile(0.99, sum by (le, service, route) (rate(${http}_bucket{route!~"/healthz/.*|/metrics"}[$__rate_interval]))))`,
              legend: '{{service}} {{route}}',
            },
          ],
        }),
        lines({
          title: 'Share of requests that failed',
          means: '5xx by service. Above 1 % for five minutes somebody is called.',
          unit: 'percentunit',
          width: 12,
          steps: [{ from: 0.01, colour: 'red' }],
          queries: [
            {
              expr: `(${rateBy('service', `${http}_count{status="5xx"}`)} / ${rateBy('service', `${http}_count`)}) or 0 * ${rateBy('service', `${http}_count`)}`,
              legend: '{{service}}',
            },
          ],
        }),
      ],
    },
    {
      title: 'Refusals and limits',
      panels: [
        lines({
          title: 'Problems by code',
          means: 'Refusals over HTTP, which docs/protocol/errors.md explains: the ten most frequent.',
          unit: 'ops',
          width: 12,
          queries: [
            {
              expr: `topk(10, ${rateOrNone('code', 'cipherchat_problems_total{via="http"}')})`,
              legend: '{{code}}',
            },
          ],
        }),
        lines({
          title: 'Limits reached',
          means:
            'By limiter. One alone and steady: somebody tries; all at once: the limits are too low for so many people, or Redis forgot.',
          unit: 'ops',
          width: 12,
          queries: [
            { expr: rateBy('limiter', 'cipherchat_rate_limit_refusals_total'), legend: '{{limiter}}' },
          ],
        }),
      ],
    },
  ],
});
