import { Inject, Injectable } from '@nestjs/common';
import type { CommitBundle, ServerFrame, SignalKind } from '@cipherchat/protocol';
import { systemMonotonicMs } from '@cipherchat/service-kit';
import { Metrics } from '@cipherchat/telemetry';
import type { AppendWatch } from './append/append-path.js';

export type StoredKind = 'message' | 'commit';

/** What an operator sees of the log. */
@Injectable()
export class StoreMetrics {
  readonly appends: AppendWatch;
  /** Somebody sent again what was stored before. */
  readonly duplicate: (kind: StoredKind) => void;
  /** Somebody built on a commit that is no longer the last. */
  readonly epochConflict: (kind: StoredKind) => void;
  readonly commit: (kind: CommitBundle['kind']) => void;
  /** A frame went to this many users. */
  readonly published: (type: ServerFrame['type'], users: number) => void;
  /** Places whose cursors one statement was asked to move. */
  readonly acknowledged: (positions: number) => void;
  /** A device learned of this many conversations with something new. */
  readonly resumed: (conversations: number) => void;
  /** A page of the log had this many envelopes. */
  readonly pageRead: (envelopes: number) => void;
  readonly signalled: (kind: SignalKind) => void;

  constructor(@Inject(Metrics) metrics: Metrics) {
    const duplicates = metrics.counter('cipherchat_duplicates_total');
    this.duplicate = (kind) => duplicates({ kind });
    const conflicts = metrics.counter('cipherchat_epoch_conflicts_total');
    this.epochConflict = (kind) => conflicts({ kind });
    const commits = metrics.counter('cipherchat_commits_total');
    this.commit = (kind) => commits({ kind });
    const published = metrics.counter('cipherchat_live_frames_published_total');
    this.published = (type, users) => published({ type }, users);
    this.acknowledged = metrics.histogram('cipherchat_acknowledge_batch_positions');
    this.resumed = metrics.histogram('cipherchat_resume_conversations');
    this.pageRead = metrics.histogram('cipherchat_log_page_envelopes');
    const signals = metrics.counter('cipherchat_signals_total');
    this.signalled = (kind) => signals({ kind });
    this.appends = this.watchAppends(metrics);
  }

  private watchAppends(metrics: Metrics): AppendWatch {
    const batch = metrics.histogram('cipherchat_append_batch_envelopes');
    const commit = metrics.histogram('cipherchat_append_commit_seconds');
    const publish = metrics.histogram('cipherchat_append_publish_seconds');
    return {
      mark: systemMonotonicMs,
      committed: ({ arrivedAt, committedAt, verdicts }) => {
        batch(verdicts.length);
        for (const at of arrivedAt) commit((committedAt - at) / 1_000);
        for (const { kind } of verdicts) {
          if (kind === 'duplicate') this.duplicate('message');
          else if (kind === 'stale-commit') this.epochConflict('message');
        }
      },
      published: (committedAt) => publish((systemMonotonicMs() - committedAt) / 1_000),
    };
  }
}
