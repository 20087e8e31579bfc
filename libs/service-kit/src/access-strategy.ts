import { Passport } from 'passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { problem } from '@cipherchat/protocol';
import type { AccessTokens, CurrentDevice, TokenCheck } from './access-token.js';

const keysRetryMs = 1_000;

type Done = (error: Error | null, payload?: unknown) => void;
type Verifier = (token: string, key: AccessTokens, options: unknown, done: Done) => void;

/**
 * passport-jwt knows no EdDSA, and offers its verifier for replacement. The "key" that it carries to the
 * verifier is our `AccessTokens`, so that the replacement, which is one for the whole process, holds no state.
 */
const verifyWithJose: Verifier = (token, tokens, _options, done) => {
  tokens.check(token).then((check) => done(null, check), done);
};
(Strategy as unknown as { JwtVerifier: Verifier }).JwtVerifier = verifyWithJose;

export type BearerRequest = {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
};

/** Reads and checks the bearer token of a request. A Passport of its own: two services in one process do not mix. */
export class AccessStrategy {
  private readonly passport = new Passport();

  constructor(tokens: AccessTokens) {
    const strategy = new Strategy(
      {
        jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
        secretOrKeyProvider: (_request: unknown, _token: unknown, done: (error: null, key: never) => void) =>
          done(null, tokens as never),
      },
      (check: TokenCheck, done: (error: null, check: TokenCheck) => void) => done(null, check),
    );
    this.passport.use('access-token', strategy);
  }

  /** @throws ProblemError `auth/unauthenticated`, `auth/device-revoked`, or `service/unavailable` without auth's keys */
  async authenticate(request: BearerRequest): Promise<CurrentDevice> {
    const check = await new Promise<TokenCheck | false>((resolve, reject) => {
      const handler = this.passport.authenticate(
        'access-token',
        { session: false },
        (error: unknown, result: TokenCheck | false) => (error ? reject(error) : resolve(result)),
      ) as (request: unknown, response: unknown, next: (error: unknown) => void) => void;
      handler(request, {}, reject);
    });
    if (check === false) throw problem('auth/unauthenticated');
    switch (check.kind) {
      case 'valid':
        return check.caller;
      case 'invalid':
        throw problem('auth/unauthenticated');
      case 'device-revoked':
        throw problem('auth/device-revoked');
      case 'keys-unavailable':
        throw problem('service/unavailable', { retryAfterMs: keysRetryMs });
    }
  }
}
