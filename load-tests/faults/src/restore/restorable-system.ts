/** The real system, its backup, and its restore as docs/runbooks/restore.md says. */
import path from 'node:path';
import {
  backUpPostgres,
  restorePostgres,
  startIsolatedSystem,
  withClient,
  type DatabaseService,
  type IsolatedService,
  type IsolatedSystem,
} from '@cipherchat/test-kit';

/** All load comes from one machine; limits per socket stay as shipped. */
const environment = { RATE_LIMIT_SCALE: '100000' };
const databaseServices: readonly DatabaseService[] = ['auth', 'key-directory', 'message-store'];

/** How much the server has. */
export type Extent = {
  readonly conversations: number;
  readonly entries: number;
  readonly generation: number;
};

export class RestorableSystem {
  private constructor(
    private readonly system: IsolatedSystem,
    private readonly folder: string,
  ) {}

  static async start(params: {
    readonly folder: string;
    readonly logDir: string;
  }): Promise<RestorableSystem> {
    const { folder, logDir } = params;
    return new RestorableSystem(
      await startIsolatedSystem({ durability: 'fsync', environment, logDir }),
      folder,
    );
  }

  get serverUrl(): string {
    return this.system.serverUrl;
  }

  /** While everything runs. */
  backUp(name: string): Promise<void> {
    const { adminUrl, dataDir } = this.system.postgres;
    return backUpPostgres({ adminUrl, dataDir, backupDir: this.backupDir(name) });
  }

  /** The disaster, and what an operator does about it. Resolves when the services are ready again. */
  async restore(name: string): Promise<void> {
    const { postgres, services } = this.system;
    await postgres.kill();
    await Promise.all(services.filter(isGateway).map((service) => service.stop()));
    await Promise.all(services.filter((each) => !isGateway(each)).map((service) => service.stop()));
    restorePostgres({ backupDir: this.backupDir(name), dataDir: postgres.dataDir });
    await postgres.start();
    for (const service of databaseServices) await this.system.operate({ service, program: 'restored' });
    await this.start('auth');
    await Promise.all([this.start('key-directory'), this.start('message-store')]);
    await this.start('gateway');
  }

  async extent(): Promise<Extent> {
    return withClient(this.system.postgres.adminUrl, async (client) => {
      const { rows } = await client.query<{ [Figure in keyof Extent]: string }>(
        `SELECT count(*) AS conversations, coalesce(sum(head_seq), 0) AS entries,
           (SELECT generation FROM messages.store_state) AS generation
         FROM messages.conversations`,
      );
      const figure = (name: keyof Extent): number => Number(rows[0]?.[name] ?? 0);
      return {
        conversations: figure('conversations'),
        entries: figure('entries'),
        generation: figure('generation'),
      };
    });
  }

  /** Where each log stands, and which devices the server takes for members. */
  async logs(): Promise<readonly unknown[]> {
    return withClient(this.system.postgres.adminUrl, async (client) => {
      const { rows } = await client.query<Readonly<Record<string, unknown>>>(
        `SELECT c.id, c.generation, c.head_seq, c.last_commit_seq, c.min_commit_seq,
           (SELECT json_agg(h) FROM messages.restored_heads h WHERE h.conversation_id = c.id) AS restored_heads,
           (SELECT json_agg(m) FROM messages.members m WHERE m.conversation_id = c.id AND m.left_seq IS NULL) AS members,
           (SELECT json_agg(k) FROM messages.cursors k WHERE k.conversation_id = c.id) AS cursors
         FROM messages.conversations c`,
      );
      return rows;
    });
  }

  stop(): Promise<void> {
    return this.system.stop();
  }

  private async start(service: IsolatedService['service']): Promise<void> {
    const started = this.system.services.filter((each) => each.service === service);
    await Promise.all(started.map((each) => each.start()));
  }

  private backupDir(name: string): string {
    return path.join(this.folder, `backup-${name}`);
  }
}

const isGateway = ({ service }: IsolatedService): boolean => service === 'gateway';
