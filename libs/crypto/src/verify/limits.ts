/** Bounds of what is signed about devices, with their units; `libs/protocol` repeats those that bound a request. */
export const manifestLimits = {
  /** All of a manifest. 20 devices with names of the greatest length are 6.5 KB. */
  maxManifestBytes: 16 * 1024,
  /** Devices of one user: enough for every screen of a person, few enough to list on one page. */
  maxDevices: 20,
  /** An encrypted device name: 64 characters of four bytes would not fit, 50 do. */
  maxNameCiphertextBytes: 256,
  /** A challenge is 32 bytes, a refresh token (signed in the same way) at most 256 characters. */
  maxChallengeBytes: 256,
} as const;
