/**
 * The passkey that locks a browser's store: made for nothing but its PRF (WebAuthn Level 3 §10.1.4), which gives the same
 * 32 bytes for the same salt each time its person touches it, and gives them to nobody else. It signs nothing that a server
 * looks at; challenges are there because the ceremony wants them. For the page's own thread: workers have no ceremonies.
 */

/** What locks the store: the secret goes to `lockStore` or `unlock` and nowhere else. */
export type LockPasskey = {
  readonly credential: Uint8Array;
  readonly salt: Uint8Array;
  readonly secret: Uint8Array;
};

/** The person said no, took too long, or the passkey is not at hand. */
export class PasskeyDeclinedError extends Error {
  override readonly name = 'PasskeyDeclinedError';
  constructor() {
    super('the passkey was not used');
  }
}

/** 256 bits, as the PRF takes them. */
const saltBytes = 32;
const challengeBytes = 32;
const userHandleBytes = 16;
/** A person finds their key in this time. */
const timeoutMs = 2 * 60 * 1000;
/** EdDSA, ES256, RS256 (RFC 9053): some authenticator of any platform has one of them. */
const algorithms = [-8, -7, -257];

/**
 * Makes a passkey and asks it for the first time; `null` where this browser or the authenticator has no PRF.
 * @throws PasskeyDeclinedError
 */
export async function makeLockPasskey(params: {
  readonly username: string;
  readonly displayName?: string;
  /** The site's, as it stands in lists of passkeys. */
  readonly siteName: string;
}): Promise<LockPasskey | null> {
  if (!hasPasskeys()) return null;
  const { username, displayName = username, siteName } = params;
  const salt = random(saltBytes);
  const made = await ceremony(() =>
    navigator.credentials.create({
      publicKey: {
        rp: { name: siteName },
        // Random: the same person on two devices is nobody's to see, and one account may have several.
        user: { id: random(userHandleBytes), name: username, displayName },
        challenge: random(challengeBytes),
        pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
        attestation: 'none',
        timeout: timeoutMs,
        extensions: { prf: { eval: { first: salt } } },
      },
    }),
  );
  const { prf } = made.getClientExtensionResults();
  if (prf?.enabled !== true) return null;
  const credential = new Uint8Array(made.rawId);
  // Some authenticators evaluate only when they are asked to sign.
  const secret = bytesOf(prf.results?.first) ?? (await askLockPasskey({ credential, salt }));
  return secret === null ? null : { credential, salt, secret };
}

/** The secret again; `null` where this browser has no PRF. @throws PasskeyDeclinedError */
export async function askLockPasskey(
  hint: Pick<LockPasskey, 'credential' | 'salt'>,
): Promise<Uint8Array | null> {
  if (!hasPasskeys()) return null;
  const asked = await ceremony(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: random(challengeBytes),
        allowCredentials: [{ type: 'public-key', id: Uint8Array.from(hint.credential) }],
        userVerification: 'required',
        timeout: timeoutMs,
        extensions: { prf: { eval: { first: Uint8Array.from(hint.salt) } } },
      },
    }),
  );
  return bytesOf(asked.getClientExtensionResults().prf?.results?.first);
}

async function ceremony(begin: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const credential = await begin();
    if (credential instanceof PublicKeyCredential) return credential;
  } catch (error) {
    // It is told alike who said no, who waited, and who has no such passkey, so that a page learns nothing of them.
    if (!isDeclined(error)) throw error;
  }
  throw new PasskeyDeclinedError();
}

function isDeclined(error: unknown): boolean {
  return error instanceof DOMException && ['NotAllowedError', 'AbortError'].includes(error.name);
}

function hasPasskeys(): boolean {
  return typeof PublicKeyCredential === 'function' && isSecureContext;
}

function bytesOf(result: BufferSource | undefined): Uint8Array | null {
  if (result === undefined) return null;
  if (!ArrayBuffer.isView(result)) return new Uint8Array(result);
  return new Uint8Array(result.buffer, result.byteOffset, result.byteLength).slice();
}

function random(lengthBytes: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(lengthBytes));
}
