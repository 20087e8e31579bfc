/** How a device stands in its account's manifest. */
import type { ManifestDevice } from '@cipherchat/crypto';
import type { DeviceId } from '@cipherchat/protocol';

/** A device stays in its manifest this long unless it is renewed: long enough that a forgotten laptop still opens. */
const deviceLifetimeS = 5 * 365 * 24 * 60 * 60;
/** The clock of whoever checks may be behind ours. */
const clockToleranceS = 60 * 60;

/** The entry of a device that is made now. */
export function newDeviceEntry(params: {
  readonly device: DeviceId;
  readonly leafKey: Uint8Array;
  readonly nowMs: number;
}): ManifestDevice {
  const { device, leafKey, nowMs } = params;
  const addedAtS = Math.floor(nowMs / 1000) - clockToleranceS;
  return {
    device,
    leafKey,
    nameCiphertext: new Uint8Array(0),
    addedAtS,
    expiresAtS: addedAtS + deviceLifetimeS,
  };
}
