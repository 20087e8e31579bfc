/**
 * Signals: read marks, typing and presence, encrypted for the members of an epoch without MLS's ratchets, since
 * they are small, frequent and replaceable. A server tells typing from presence by neither kind nor length.
 *
 * Keys: the MLS exporter (RFC 9420 §8.5) gives one secret an epoch; HKDF-Expand (RFC 5869 §2.3, SHA-256)
 * over device ‖ kind gives the key of each device's signals of a kind. One export at each merge, and not
 * one for each device: in a group of 1,000 that would be 2,000. The secrets of 4 epochs are kept.
 *
 * Layout: format 0x01 ‖ epoch (u53 in 8 bytes) ‖ nonce (12) ‖ AES-256-GCM(value, u53 in 8 bytes) ‖ tag (16):
 * 45 bytes always. AAD: context ‖ conversation ‖ epoch ‖ device ‖ kind.
 *
 * Not protected: every member can derive every key, so a member can forge another member's signals;
 * a server can replay or withhold one (a read mark only ever grows; the others end by themselves).
 */
import { expand } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { RandomBytes } from './account-key.js';
import { aeadKeyBytes, aeadOverheadBytes, open, seal } from './aead.js';
import type { GroupState, MlsEngine } from './engine.js';
import { cryptoLimits } from './limits.js';
import { ByteReader, idToBytes, joinBytes, u53, u8 } from './verify/binary.js';

export type SignalKind = 'read' | 'momentary';

/**
 * What passes by. `here` and `away`: whether the person looks at the app. One that `asks` wants to be answered, since its
 * sender has just come and heard nothing yet.
 */
export type Momentary = 'typing-stopped' | 'typing' | 'here' | 'away' | 'here-and-asks' | 'away-and-asks';

export type Signal =
  /** Everything up to this seq was seen by the person. */
  { readonly kind: 'read'; readonly seq: number } | { readonly kind: 'momentary'; readonly says: Momentary };

/** Of one epoch of one conversation; 32 bytes. */
export type SignalSecret = { readonly epoch: bigint; readonly secret: Uint8Array };

export type OpenedSignal =
  | { readonly kind: 'signal'; readonly signal: Signal }
  /** `unknown-epoch`: its secret was dropped, or the epoch is not reached yet. */
  | { readonly kind: 'failure'; readonly code: 'malformed' | 'unknown-epoch' | 'not-authentic' };

const format = 1;
const valueBytes = 8;
const signalBytes = 1 + 8 + aeadOverheadBytes + valueBytes;
const context = new TextEncoder().encode('CipherChat signal v1\0');
const kindCode = { read: 1, momentary: 2 } as const;
/** The value of each is its place. */
const momentaries: readonly Momentary[] = [
  'typing-stopped',
  'typing',
  'here',
  'away',
  'here-and-asks',
  'away-and-asks',
];

/** Derive at each merge, before the old state is dropped. */
export function deriveSignalSecret(params: {
  readonly engine: Pick<MlsEngine, 'epoch' | 'exportSecret'>;
  readonly state: GroupState;
}): SignalSecret {
  const { engine, state } = params;
  const secret = engine.exportSecret({
    state,
    label: 'CipherChat signal',
    context: new Uint8Array(0),
    length: aeadKeyBytes,
  });
  return { epoch: engine.epoch(state), secret };
}

/** The secrets to keep after a merge: the newest 4 epochs, ascending. */
export function keepSignalSecrets(
  kept: readonly SignalSecret[],
  added: SignalSecret,
): readonly SignalSecret[] {
  return [...kept.filter(({ epoch }) => epoch < added.epoch), added].slice(-cryptoLimits.keptSignalEpochs);
}

/** @param params.conversation, params.device ids as UUID text; the device is the sender's. @returns 45 bytes. */
export function sealSignal(params: {
  readonly secret: SignalSecret;
  readonly conversation: string;
  readonly device: string;
  readonly signal: Signal;
  readonly random: RandomBytes;
}): Uint8Array<ArrayBuffer> {
  const { secret, conversation, device, signal, random } = params;
  const scope = { secret, conversation, device, kind: signal.kind };
  const plaintext = u53(signal.kind === 'read' ? signal.seq : momentaries.indexOf(signal.says));
  return joinBytes([
    u8(format),
    epochBytes(secret.epoch),
    seal({ key: keyOf(scope), associated: associatedOf(scope), plaintext, random }),
  ]);
}

/** @param params.device, params.kind as the server says them: both are authenticated. */
export function openSignal(params: {
  readonly secrets: readonly SignalSecret[];
  readonly conversation: string;
  readonly device: string;
  readonly kind: SignalKind;
  readonly ciphertext: Uint8Array;
}): OpenedSignal {
  const { secrets, conversation, device, kind, ciphertext } = params;
  const reader = new ByteReader(ciphertext);
  const isOfFormat = ciphertext.length === signalBytes && reader.u8() === format;
  const epoch = reader.u53();
  if (!isOfFormat || reader.failed) return { kind: 'failure', code: 'malformed' };
  const secret = secrets.find((candidate) => candidate.epoch === BigInt(epoch));
  if (secret === undefined) return { kind: 'failure', code: 'unknown-epoch' };
  const scope = { secret, conversation, device, kind };
  const plaintext = open({
    key: keyOf(scope),
    associated: associatedOf(scope),
    sealed: ciphertext.subarray(9),
  });
  if (plaintext === null) return { kind: 'failure', code: 'not-authentic' };
  const signal = signalOf(kind, plaintext);
  return signal === null ? { kind: 'failure', code: 'malformed' } : { kind: 'signal', signal };
}

type Scope = {
  readonly secret: SignalSecret;
  readonly conversation: string;
  readonly device: string;
  readonly kind: SignalKind;
};

function keyOf({ secret, device, kind }: Scope): Uint8Array {
  return expand(
    sha256,
    secret.secret,
    joinBytes([context, idToBytes(device), u8(kindCode[kind])]),
    aeadKeyBytes,
  );
}

function associatedOf({ secret, conversation, device, kind }: Scope): Uint8Array {
  return joinBytes([
    context,
    idToBytes(conversation),
    epochBytes(secret.epoch),
    idToBytes(device),
    u8(kindCode[kind]),
  ]);
}

function signalOf(kind: SignalKind, plaintext: Uint8Array): Signal | null {
  const reader = new ByteReader(plaintext);
  const value = reader.u53();
  if (!reader.ended) return null;
  if (kind === 'read') return { kind, seq: value };
  const says = momentaries[value];
  return says === undefined ? null : { kind, says };
}

function epochBytes(epoch: bigint): Uint8Array {
  return u53(Number(epoch));
}
