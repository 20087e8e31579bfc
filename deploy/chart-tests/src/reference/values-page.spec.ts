/** From values.yaml and its comments to tables of a page. */
import { describe, expect, it } from '@jest/globals';
import { withValues } from './values-page.js';

const marks = [
  '<!-- What follows is written by npm run docs:chart, from values.yaml. -->',
  '<!-- The end of that. -->',
];
const page = `# Chart\n\n${marks.join('\nold\n')}\n\nThe rest.\n`;
const values = `# Where it is.
address: ''

# Of the images.
images:
  # Or a\n  # digest.
  tag: '1'
  pull: { policy: Always }

auth:
  # How many.
  replicas: 2
  limits:
    # In all.
    memory: 1Gi
gateway:
  replicas: 3
`;

describe('the page of values', () => {
  const written = withValues({ page, values });

  it('keeps what people wrote before and after', () => {
    expect(written.startsWith('# Chart\n\n<!--')).toBe(true);
    expect(written.endsWith('\n\nThe rest.\n')).toBe(true);
    expect(written).not.toContain('old');
  });

  it('says of each value what it is and what its comment says', () => {
    expect(written).toContain('| `address` | | Where it is. |');
    expect(written).toContain('### images\n\nOf the images.\n\n');
    expect(written).toContain('| `images.tag` | `1` | Or a digest. |');
    expect(written).toContain('| `images.pull` | `{"policy":"Always"}` | |');
    expect(written).toContain('| `auth.limits.memory` | `1Gi` | In all. |');
  });

  it('says of a setting that several components have the same', () => {
    expect(written).toContain('| `auth.replicas` | `2` | How many. |');
    expect(written).toContain('| `gateway.replicas` | `3` | How many. |');
  });

  it('is the same when it is written again', () => {
    expect(withValues({ page: written, values })).toBe(written);
  });

  it('is refused where there is no place for it', () => {
    expect(() => withValues({ page: '# Chart\n', values })).toThrow(RangeError);
  });
});
