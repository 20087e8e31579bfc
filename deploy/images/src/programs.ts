/** What a program of the base image needs to run without it: the libraries that it loads. */
import { execFileSync, spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';

/** The libraries of a program, by the paths at which they are loaded. Static programs have none. */
export function librariesOf(program: string): readonly string[] {
  // It exits with 1 for a static one.
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' });
  return [...stdout.matchAll(/(\/\S+) \(0x[0-9a-f]+\)/g)].map(([, file]) => file ?? '');
}

export type DebianPackage = { readonly name: string; readonly version: string };

/** The Debian packages that files came from; what came from none (Node in its image) is left out. */
export function debianPackagesOf(files: readonly string[]): readonly DebianPackage[] {
  const names = new Set(files.map(owner).filter((name) => name !== undefined));
  return [...names].sort().map((name) => ({
    name,
    version: execFileSync('dpkg-query', ['--show', '--showformat=${Version}', name], { encoding: 'utf8' }),
  }));
}

/** Debian knows a library by the path before or after `/lib` became a link to `/usr/lib`. */
function owner(file: string): string | undefined {
  const real = realpathSync(file);
  for (const name of [file, real, real.replace(/^\/usr\/lib/, '/lib'), file.replace(/^\/lib/, '/usr/lib')]) {
    const { status, stdout } = spawnSync('dpkg-query', ['--search', name], { encoding: 'utf8' });
    if (status === 0) return stdout.split(':')[0];
  }
  return undefined;
}
