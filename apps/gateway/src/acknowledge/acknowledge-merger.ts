/**
 * Merges the acknowledgements of all sockets: of each device and conversation only the highest counts. One request
 * is under way; the next goes a little later with all that came meanwhile. After a failure they are kept and sent
 * again; what does not fit is dropped, since a lost acknowledgement costs a repeated fetch and nothing else.
 */
import {
  limits,
  type AcknowledgeBatch,
  type ConversationId,
  type DeviceId,
  type Position,
  type UserId,
} from '@cipherchat/protocol';

export type AcknowledgeMergerParams = {
  readonly request: (batch: AcknowledgeBatch) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
  /** Calls back after the time; passed in so that tests own time. */
  readonly schedule: (callback: () => void, afterMs: number) => void;
  readonly bounds: {
    readonly acknowledgeIntervalMs: number;
    readonly acknowledgeRetryMs: number;
    readonly maxMergedPositions: number;
  };
};

type Caller = { readonly user: UserId; readonly device: DeviceId };
type Merged = { readonly user: UserId; readonly positions: Map<ConversationId, number> };

export class AcknowledgeMerger {
  private readonly merged = new Map<DeviceId, Merged>();
  private positionCount = 0;
  private state: 'idle' | 'scheduled' | 'sending' = 'idle';
  private isEnding = false;

  constructor(private readonly params: AcknowledgeMergerParams) {}

  add({ user, device }: Caller, positions: readonly Position[]): void {
    const ofDevice = this.merged.get(device) ?? { user, positions: new Map<ConversationId, number>() };
    this.merged.set(device, ofDevice);
    for (const { conversation, seq } of positions) {
      const known = ofDevice.positions.get(conversation);
      if (known !== undefined && known >= seq) continue;
      if (known === undefined) {
        if (this.positionCount >= this.params.bounds.maxMergedPositions) continue;
        this.positionCount++;
      }
      ofDevice.positions.set(conversation, seq);
    }
    if (this.state === 'idle') this.scheduleIn(this.params.bounds.acknowledgeIntervalMs);
  }

  /** How many places wait for a request. */
  get queued(): number {
    return this.positionCount;
  }

  /** Sends what there is, now: before the process ends. Nothing is tried again after it. */
  async flush(): Promise<void> {
    this.isEnding = true;
    const batch = this.take();
    if (batch.items.length > 0) await this.params.request(batch).catch(this.params.onFailure);
  }

  private scheduleIn(afterMs: number): void {
    if (this.isEnding) return;
    this.state = 'scheduled';
    this.params.schedule(() => void this.send(), afterMs);
  }

  private async send(): Promise<void> {
    this.state = 'sending';
    const { acknowledgeIntervalMs, acknowledgeRetryMs } = this.params.bounds;
    const batch = this.take();
    let nextMs = acknowledgeIntervalMs;
    try {
      await this.params.request(batch);
    } catch (error) {
      this.params.onFailure(error);
      for (const { positions, ...caller } of batch.items) this.add(caller, positions);
      nextMs = acknowledgeRetryMs;
    }
    this.state = 'idle';
    if (this.merged.size > 0) this.scheduleIn(nextMs);
  }

  private take(): AcknowledgeBatch {
    const items: AcknowledgeBatch['items'][number][] = [];
    for (const [device, { user, positions }] of this.merged) {
      if (items.length === limits.maxAcknowledgeBatchItems) break;
      const taken = [...positions].slice(0, limits.maxAcknowledgePositions);
      items.push({ user, device, positions: taken.map(([conversation, seq]) => ({ conversation, seq })) });
      for (const [conversation] of taken) positions.delete(conversation);
      this.positionCount -= taken.length;
      if (positions.size === 0) this.merged.delete(device);
    }
    return { items };
  }
}
