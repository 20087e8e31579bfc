import { describe, expect, it } from '@jest/globals';
import { addOns } from './add-ons.js';
import { builtPrograms } from './programs.js';

type Pod = { readonly containers: readonly { readonly image: string; readonly imagePullPolicy: string }[] };
type Deployment = { readonly kind: string; readonly spec: { readonly template: { readonly spec: Pod } } };

describe('the add-ons', () => {
  const containers = (addOns as readonly Deployment[])
    .filter(({ kind }) => kind === 'Deployment')
    .flatMap(({ spec }) => spec.template.spec.containers);

  it('run images that are made of built programs, and are never pulled', () => {
    expect(containers).toHaveLength(2);
    for (const { image, imagePullPolicy } of containers) {
      const [, program] = /^cipherchat-one-node\/(.+):own$/.exec(image) ?? [];
      expect(builtPrograms).toContain(program);
      expect(imagePullPolicy).toBe('Never');
    }
  });
});
