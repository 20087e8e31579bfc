/** Numbers as people read them. */
import type { Outcome } from './outcome.js';

export function ms(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}

export function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(0)} MB`;
}

/** What the generator cost: on one machine with the system it takes from it. */
export function generatorLines({ generator, seconds: elapsed, machine }: Outcome): readonly string[] {
  if (generator === null) return ['Its cost is known on Linux only.'];
  const share = (100 * generator.cpuSeconds) / (elapsed * machine.cpus);
  return [
    `k6 used ${seconds(generator.cpuSeconds)} of CPU in ${seconds(elapsed)}: ${share.toFixed(0)} % of ${machine.cpus} cores; at most ${megabytes(generator.maxBytes)}`,
  ];
}
