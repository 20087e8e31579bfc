import { z } from 'zod';
import {
  natsVariables,
  postgresVariables,
  redisVariables,
  schemas,
  secret,
  variable,
  type BaseConfig,
  type ConfigOf,
} from '@cipherchat/service-kit';

const { httpUrl, list, withDefault } = schemas;

export type Registration = 'open' | 'invite';

const socketUrl = z
  .string()
  .refine((text) => URL.canParse(text) && ['ws:', 'wss:'].includes(new URL(text).protocol));
const registration = z.enum(['open', 'invite']) as z.ZodType<Registration, string>;

export const authVariables = {
  ...postgresVariables,
  ...natsVariables,
  ...redisVariables,
  /** The Ed25519 key that signs access tokens: a private JWK, or PKCS #8 in PEM. */
  signingKey: secret('AUTH_SIGNING_KEY', z.string().min(1)),
  /** The key before it, also public only: its tokens stay valid until they expire. */
  previousSigningKey: secret('AUTH_PREVIOUS_SIGNING_KEY', z.string().min(1).optional()),
  /** Closed unless opened: an open server on the internet fills with strangers. */
  registration: variable('REGISTRATION', withDefault(registration, 'invite')),
  /** Makes the first administrator, while there is none. Without it nobody can become one by registering. */
  bootstrapToken: secret('BOOTSTRAP_TOKEN', z.string().min(16).max(256).optional()),
  /** Where clients reach the parts of this deployment. */
  publicAuthUrl: variable('PUBLIC_AUTH_URL', httpUrl),
  publicKeysUrl: variable('PUBLIC_KEYS_URL', httpUrl),
  publicConversationsUrl: variable('PUBLIC_CONVERSATIONS_URL', httpUrl),
  publicGatewayUrls: variable('PUBLIC_GATEWAY_URLS', list(socketUrl).pipe(z.array(z.string()).min(1))),
} as const;

export type AuthConfig = BaseConfig & ConfigOf<typeof authVariables>;
