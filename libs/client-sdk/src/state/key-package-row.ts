import type { CipherSuite } from '@cipherchat/crypto';

/** The private half of a key package. */
export type KeyPackageRow = {
  readonly ref: string;
  readonly suite: CipherSuite;
  readonly publicBytes: Uint8Array;
  readonly privateRecords: ReadonlyArray<readonly [string, Uint8Array]>;
  readonly lastResort: boolean;
  readonly notAfterS: number;
  /** `offered`: handed to the server, or perhaps handed; it is never offered twice, so that it is never given out twice. */
  readonly state: 'stored' | 'offered';
  readonly createdAtMs: number;
};
