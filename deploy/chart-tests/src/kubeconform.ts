/** What an API server would say of manifests, without one. */
import { run } from '@cipherchat/test-kit';
import { schemaLocations } from './schemas/schema-folder.js';

export type Report = {
  readonly resources:
    | readonly {
        readonly kind: string;
        readonly name: string;
        readonly status: string;
        readonly msg: string;
      }[]
    | null;
  readonly summary: Readonly<Record<'valid' | 'invalid' | 'errors' | 'skipped', number>>;
};

/** Only what is not valid is listed. An object without a schema is an error. */
export async function checkManifests(params: {
  readonly kubeconform: string;
  readonly file: string;
  readonly kubernetes: string;
}): Promise<Report> {
  const { kubeconform, file, kubernetes } = params;
  const { stdout, stderr } = await run({
    program: kubeconform,
    args: [
      '-strict',
      '-summary',
      '-output=json',
      ...schemaLocations(kubernetes).flatMap((at) => ['-schema-location', at]),
      file,
    ],
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Report;
}
