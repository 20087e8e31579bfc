/** A process that dies: from one point on, nothing it calls is done, or what was done is never heard of. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

export type CrashPoint =
  { readonly kind: 'none' } | { readonly kind: 'before' | 'after'; readonly operation: number };

/** Counts a process's calls to the outside (transactions, commands) and dies at one of them. */
export class MortalProcess {
  private operation = 0;
  private dead = false;

  constructor(private readonly point: CrashPoint) {}

  get operations(): number {
    return this.operation;
  }

  /** The same object, whose `methods` are calls to the outside. */
  holding<T extends object>(target: T, methods: readonly (keyof T)[]): T {
    return new Proxy(target, {
      get: (object, key) => {
        const value: unknown = Reflect.get(object, key);
        if (typeof value !== 'function') return value;
        const bound = value.bind(object) as (...parameters: unknown[]) => unknown;
        return methods.includes(key as keyof T)
          ? (...parameters: unknown[]) => this.through(() => bound(...parameters))
          : bound;
      },
    });
  }

  private async through(work: () => unknown): Promise<unknown> {
    const { point } = this;
    const operation = this.operation++;
    if (this.dead || (point.kind === 'before' && point.operation === operation)) this.die();
    const result = await work();
    if (point.kind === 'after' && point.operation === operation) this.die();
    return result;
  }

  private die(): never {
    this.dead = true;
    throw new Crash('the process died');
  }
}
