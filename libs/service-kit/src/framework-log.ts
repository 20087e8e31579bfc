import type { LoggerService } from '@nestjs/common';
import type { EventLog } from './event-log.js';

/**
 * Nest's own log. While the service starts, its warnings and errors pass as text: they name classes and
 * modules ("cannot resolve dependencies of …"). After that they could quote a request, and only the fact is logged.
 */
export class FrameworkLog implements LoggerService {
  private starting = true;

  constructor(private readonly events: EventLog) {}

  started(): void {
    this.starting = false;
  }

  log(_message: unknown): void {}
  debug(): void {}
  verbose(): void {}

  warn(message: unknown): void {
    this.write(message);
  }

  error(message: unknown): void {
    this.write(message);
  }

  fatal(message: unknown): void {
    this.write(message);
  }

  private write(message: unknown): void {
    const text = message instanceof Error ? message.message : String(message);
    this.events.event('service.framework', this.starting ? { framework: text } : {});
  }
}
