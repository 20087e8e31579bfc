/** Times every command of a client, those of scripts too, without knowing what asks for it. */
import { metricCatalogue, type Metrics } from '@cipherchat/telemetry';
import type { Redis } from 'ioredis';
import { systemMonotonicMs } from './clock.js';

const { command: known } = metricCatalogue.cipherchat_redis_command_duration_seconds.labels;

export function measureRedis(redis: Redis, metrics: Metrics): void {
  metrics.sampled('cipherchat_redis_connected')(() => (redis.status === 'ready' ? 1 : 0));
  const duration = metrics.histogram('cipherchat_redis_command_duration_seconds');
  const send = redis.sendCommand.bind(redis);
  redis.sendCommand = (command, stream) => {
    const startedAt = systemMonotonicMs();
    const name = known.find((each) => each === command.name) ?? 'other';
    const ended = (outcome: 'done' | 'failed') => (): void =>
      duration({ command: name, outcome }, (systemMonotonicMs() - startedAt) / 1_000);
    command.promise.then(ended('done'), ended('failed'));
    return send(command, stream);
  };
}
