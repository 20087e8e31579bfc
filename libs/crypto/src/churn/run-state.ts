/** What one seeded run holds, and the words that its parts share. */
import type { CipherSuite, DeviceRef, MlsEngine, MlsFailure } from '../engine.js';
import type { Counts } from './counts.js';
import type { ChurnDevice } from './device.js';
import type { Log } from './log.js';
import type { Random } from './random.js';

export type Run = {
  readonly engine: MlsEngine;
  readonly suite: CipherSuite;
  readonly random: Random;
  readonly log: Log;
  readonly devices: readonly ChurnDevice[];
  /** Plaintext of every message, by envelope. */
  readonly plaintexts: Map<string, Uint8Array>;
  readonly counts: Counts;
  /** The group is kept below this size. */
  readonly maxMembers: number;
  /** Entries up to here were delivered to all. */
  delivered: number;
  nextEnvelope: number;
};

export function newEnvelope(run: Run): string {
  run.nextEnvelope += 1;
  return `envelope-${run.nextEnvelope}`;
}

/** Devices that the log lists as members. */
export function members(run: Run): readonly ChurnDevice[] {
  return run.devices.filter((device) => isListed(run.log.devices, device));
}

export function outsiders(run: Run): readonly ChurnDevice[] {
  return run.devices.filter((device) => !isListed(run.log.devices, device));
}

export function isListed(devices: readonly DeviceRef[], { keys }: ChurnDevice): boolean {
  return devices.some(({ device }) => device === keys.device);
}

/** The result of a call that must succeed. */
export function expectSuccess<Result extends { readonly kind: string }>(
  what: string,
  result: Result | MlsFailure,
): Exclude<Result, MlsFailure> {
  if (result.kind === 'failure') throw new Error(`${what}: ${(result as MlsFailure).code}`);
  return result as Exclude<Result, MlsFailure>;
}

/** The code of a call that must fail, without losing the engine. */
export function expectFailure(
  what: string,
  result: { readonly kind: string } | MlsFailure,
): MlsFailure['code'] {
  if (result.kind !== 'failure') throw new Error(`${what}: expected a failure, got ${result.kind}`);
  const { code } = result as MlsFailure;
  if (code === 'engine-lost') throw new Error(`${what}: the engine trapped`);
  return code;
}
