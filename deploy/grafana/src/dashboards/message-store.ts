/** The message store: how fast envelopes become durable, what waits, and what devices fetch. */
import { dashboard } from '../dashboard.js';
import { quantile, quantiles, rateBy } from '../expressions.js';
import { lines } from '../panels.js';

const store = '{service="message-store"}';

export const messageStore = dashboard({
  uid: 'cipherchat-message-store',
  title: 'CipherChat: message store',
  answers:
    'How fast do messages become durable, what holds them up, and does the log stay as small as promised?',
  rows: [
    {
      title: 'Appends',
      panels: [
        lines({
          title: 'Envelopes stored',
          means: 'Messages and commits, each second.',
          unit: 'ops',
          width: 8,
          queries: [
            {
              expr: `sum by (instance) (rate(cipherchat_append_batch_envelopes_sum${store}[$__rate_interval]))`,
              legend: '{{instance}}',
            },
          ],
        }),
        lines({
          title: 'Commit: from the request to durable',
          means: 'With the wait for the transaction before. This is what “sent” costs.',
          unit: 's',
          width: 8,
          steps: [{ from: 0.1, colour: 'orange' }],
          queries: quantiles('cipherchat_append_commit_seconds'),
        }),
        lines({
          title: 'Publish: from durable to on its way',
          means: 'Until all members’ gateways were told and the sender answered.',
          unit: 's',
          width: 8,
          queries: quantiles('cipherchat_append_publish_seconds'),
        }),
        lines({
          title: 'What waits',
          means:
            'Appends are full at 16,384, acknowledgements at 131,072. Above a quarter for two minutes somebody is called.',
          unit: 'none',
          width: 8,
          queries: [
            {
              expr: `sum by (instance) (cipherchat_append_queue_envelopes${store})`,
              legend: 'appends, {{instance}}',
            },
            {
              expr: `sum by (instance) (cipherchat_acknowledge_queue_positions${store})`,
              legend: 'acknowledgements, {{instance}}',
            },
          ],
        }),
        lines({
          title: 'Size of a transaction',
          means: 'Envelopes or cursors in one. It grows with the load, and the cost of each falls.',
          unit: 'none',
          width: 8,
          queries: [
            { expr: quantile(0.5, `cipherchat_append_batch_envelopes${store}`), legend: 'appends, p50' },
            { expr: quantile(0.99, `cipherchat_append_batch_envelopes${store}`), legend: 'appends, p99' },
            { expr: quantile(0.99, 'cipherchat_acknowledge_batch_positions'), legend: 'cursors, p99' },
          ],
        }),
        lines({
          title: 'Sent again, or built on an old commit',
          means:
            'Duplicates: an answer was lost, and the client sent the same bytes. Conflicts: two changed a group at once; one does it again.',
          unit: 'ops',
          width: 8,
          queries: [
            { expr: rateBy('kind', 'cipherchat_duplicates_total'), legend: 'duplicate {{kind}}' },
            { expr: rateBy('kind', 'cipherchat_epoch_conflicts_total'), legend: 'conflict of a {{kind}}' },
          ],
        }),
      ],
    },
    {
      title: 'Out to the members',
      panels: [
        lines({
          title: 'Live frames published',
          means: 'One for each user to whom one went.',
          unit: 'ops',
          width: 8,
          queries: [{ expr: rateBy('type', 'cipherchat_live_frames_published_total'), legend: '{{type}}' }],
        }),
        lines({
          title: 'Conversations with something new, at a comparison',
          means:
            'At a device’s start, after a resync, and every minute. Mostly none, unless devices were away.',
          unit: 'none',
          width: 8,
          queries: quantiles('cipherchat_resume_conversations'),
        }),
        lines({
          title: 'Envelopes in a page that was fetched',
          means: 'To catch up or fill a gap; at most 100.',
          unit: 'none',
          width: 8,
          queries: quantiles('cipherchat_log_page_envelopes'),
        }),
      ],
    },
    {
      title: 'Groups and retention',
      panels: [
        lines({
          title: 'Commits',
          means:
            'External commits are devices that repair their state or come back after a recovery: a surge means that clients lose state.',
          unit: 'ops',
          width: 8,
          queries: [{ expr: rateBy('kind', 'cipherchat_commits_total'), legend: '{{kind}}' }],
        }),
        lines({
          title: 'Signals',
          means: 'Read marks, and what is said in passing (typing).',
          unit: 'ops',
          width: 8,
          queries: [{ expr: rateBy('kind', 'cipherchat_signals_total'), legend: '{{kind}}' }],
        }),
        lines({
          title: 'Cleared by retention',
          means:
            'Ciphertext that every device has, or whose time is over; rows deleted. None at all for a day: see the runbook RetentionFails.',
          unit: 'ops',
          width: 8,
          queries: [
            { expr: rateBy('outcome', 'cipherchat_retention_envelopes_total'), legend: '{{outcome}}' },
          ],
        }),
      ],
    },
  ],
});
