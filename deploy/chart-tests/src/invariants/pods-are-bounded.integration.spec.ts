/** What a container may take is said, and which image it is cannot change under it. */
import { describe, expect, it } from '@jest/globals';
import { everyContainer } from '../scenarios.fixture.js';

const quantity = /^[0-9]+(m|Ki|Mi|Gi)?$/;
/** A name, then a tag or a digest that says which. */
const image = /^[^\s@:]+(:[\w][\w.-]*)?(@sha256:[0-9a-f]{64})?$/;

describe('containers', () => {
  it.each(everyContainer)('$name asks for CPU and memory, and has a limit of memory', ({ container }) => {
    expect(container.resources).toMatchObject({
      requests: { cpu: expect.stringMatching(quantity), memory: expect.stringMatching(quantity) },
      limits: { memory: expect.stringMatching(quantity) },
    });
  });

  it.each(everyContainer)('$name has an image that stays what it is', ({ container }) => {
    expect(container.image).toMatch(image);
    expect(container.image).toMatch(/:[\w.-]+$|@sha256:/);
    expect(container.image).not.toMatch(/:latest(@|$)/);
  });
});
