/** What a dependency says of itself. `degraded`: the service still does its job, with less. */
export type DependencyState = 'up' | 'degraded' | 'down';

type Dependency = { readonly name: string; readonly check: () => Promise<DependencyState> };

/** Collects what `/healthz/ready` looks at. Only a service's own dependencies: never another service. */
export class Readiness {
  private readonly registered: Dependency[] = [];
  private isDraining = false;

  add(dependency: Dependency): void {
    this.registered.push(dependency);
  }

  get dependencies(): readonly Dependency[] {
    return this.registered;
  }

  /** From now on not ready: load balancers send no more. */
  drain(): void {
    this.isDraining = true;
  }

  get draining(): boolean {
    return this.isDraining;
  }
}
