/** nginx before the services of an isolated system: the web app, the API and the socket on one origin. */
import path from 'node:path';
import { isGateway, planOf, type PlannedService } from './isolated-services.js';
import { startNginx } from './nginx-server.js';
import { startRestartable, type RestartableServer } from './restartable-server.js';

export type WebParams = {
  /** A build of the web app. */
  readonly root: string;
  /** Where it listens; its origin is `http://localhost:PORT`. */
  readonly port: number;
};

export function originOf({ port }: WebParams): string {
  return `http://localhost:${port}`;
}

export function startIsolatedWeb(params: {
  readonly web: WebParams;
  readonly plan: readonly PlannedService[];
  readonly logDir: string;
}): Promise<RestartableServer> {
  const { web, plan, logDir } = params;
  const address = ({ host, port }: PlannedService): string => `${host}:${port}`;
  return startRestartable(() =>
    startNginx({
      port: web.port,
      transport: { kind: 'plain' },
      webRoot: web.root,
      auth: address(planOf(plan, 'auth')),
      keyDirectory: address(planOf(plan, 'key-directory')),
      messageStore: address(planOf(plan, 'message-store')),
      gateways: plan.filter(isGateway).map(address),
      logFile: path.join(logDir, 'nginx.log'),
    }),
  );
}
