/**
 * NOT the key directory: a responder on NATS that plays it inside auth's tests, so that it can refuse, be
 * away, or die after its work and before its answer. It keeps names and manifests in memory, by the real rules.
 */
import { Module } from '@nestjs/common';
import { compareManifests, verifyManifest, type VerifiedManifest } from '@cipherchat/crypto/verify';
import {
  eraseIdentity,
  problem,
  publishManifest,
  queueGroups,
  registerIdentity,
  subjects,
  type ProblemCode,
  type UserId,
} from '@cipherchat/protocol';
import { createService, Nats, NatsModule, natsVariables, type RunningService } from '@cipherchat/service-kit';

@Module({ imports: [NatsModule] })
class PlayedDirectoryModule {}

export type Mood =
  | { readonly kind: 'fine' }
  | { readonly kind: 'refusing'; readonly code: ProblemCode }
  /** Does nothing and answers that it is unavailable. */
  | { readonly kind: 'away' }
  /** Does its work, then answers as if it had not. */
  | { readonly kind: 'dying-after-work' };

export class PlayedDirectory {
  readonly usernames = new Map<string, UserId | null>();
  readonly manifests = new Map<UserId, VerifiedManifest>();
  mood: Mood = { kind: 'fine' };

  private constructor(private readonly service: RunningService) {}

  static async start(natsUrl: string): Promise<PlayedDirectory> {
    const service = await createService(
      { name: 'played-key-directory', variables: natsVariables, module: PlayedDirectoryModule },
      { environment: { PORT: '0', NATS_URL: natsUrl, LOG_LEVEL: 'silent' } },
    );
    const directory = new PlayedDirectory(service);
    await directory.serve(service.application.get(Nats));
    return directory;
  }

  stop(): Promise<void> {
    return this.service.stop();
  }

  register(params: {
    readonly user: UserId;
    readonly username: string;
    readonly manifest: Uint8Array;
  }): void {
    const { user, username } = params;
    const manifest = verified(params);
    const owner = this.usernames.get(username);
    if (owner !== undefined && owner !== user) throw problem('directory/username-taken');
    const known = this.manifests.get(user);
    if (owner === undefined && known !== undefined) throw problem('auth/user-exists');
    if (known !== undefined && !['same', 'older'].includes(compareManifests({ known, candidate: manifest })))
      throw problem('auth/user-exists');
    this.usernames.set(username, user);
    if (known === undefined) this.manifests.set(user, manifest);
  }

  publish(params: { readonly user: UserId; readonly manifest: Uint8Array }): void {
    const candidate = verified(params);
    const known = this.manifests.get(params.user);
    if (known === undefined) throw problem('directory/user-unknown');
    switch (compareManifests({ known, candidate })) {
      case 'same':
        return;
      case 'newer':
        this.manifests.set(params.user, candidate);
        return;
      case 'older':
      case 'forked':
        throw problem('directory/manifest-stale', { version: known.version });
      default:
        throw problem('directory/manifest-invalid');
    }
  }

  erase(user: UserId): void {
    this.manifests.delete(user);
    for (const [username, owner] of this.usernames) if (owner === user) this.usernames.set(username, null);
  }

  private async serve(nats: Nats): Promise<void> {
    const queue = queueGroups.keyDirectory;
    nats.serveCommand({
      subject: subjects.registerIdentity,
      queue,
      question: registerIdentity,
      handle: (body) => this.moodily(() => this.register(body)),
    });
    nats.serveCommand({
      subject: subjects.publishManifest,
      queue,
      question: publishManifest,
      handle: (body) => this.moodily(() => this.publish(body)),
    });
    nats.serveCommand({
      subject: subjects.eraseIdentity,
      queue,
      question: eraseIdentity,
      handle: ({ user }) => this.moodily(() => this.erase(user)),
    });
    await nats.connection.flush();
  }

  private moodily(work: () => void): void {
    const { mood } = this;
    switch (mood.kind) {
      case 'fine':
        work();
        return;
      case 'refusing':
        throw problem(mood.code as 'directory/username-taken');
      case 'away':
        throw problem('service/unavailable', { retryAfterMs: 100 });
      case 'dying-after-work':
        work();
        throw problem('service/unavailable', { retryAfterMs: 100 });
    }
  }
}

function verified(params: { readonly user: UserId; readonly manifest: Uint8Array }): VerifiedManifest {
  const verdict = verifyManifest(params.manifest);
  if (verdict.kind === 'invalid' || verdict.manifest.user !== params.user)
    throw problem('directory/manifest-invalid');
  return verdict.manifest;
}
