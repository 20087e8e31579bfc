/** Which files of a package go into an image: what runs, what says what it is, and under which licence. */

const licences = /(^|\/)(licen[cs]e|notice|copying)[^/]*$/i;
/** Sources, types, maps, prose. */
const neverRuns = /\.([cm]?tsx?|map|md|markdown|flow|tsbuildinfo)$/i;
const besidesThePackage = /^(tests?|__tests__|examples?|docs?|benchmarks?|\.github)\//;
/** Prisma carries its query compiler for each database, and in each format, as text. Ours is Postgres, imported as a module. */
const otherCompilers = /^runtime\/query_compiler_(small_|fast_bg\.(?!postgresql\.(mjs|wasm-base64\.mjs)$))/;
const ours = /^(package\.json$|bin\/|dist\/|pkg\/)/;
const forTests = /\.(spec|fixture)\.[cm]?js$|^dist\/testing\//;

export type PackageFile = {
  readonly packageName: string;
  readonly kind: 'ours' | 'outside';
  /** Below the package's folder. */
  readonly file: string;
};

export function isKept({ packageName, kind, file }: PackageFile): boolean {
  if (licences.test(file)) return true;
  if (neverRuns.test(file)) return false;
  switch (kind) {
    case 'ours':
      return ours.test(file) && !forTests.test(file);
    case 'outside':
      return (
        !besidesThePackage.test(file) && !(packageName === '@prisma/client' && otherCompilers.test(file))
      );
  }
}
