/** A person's or a group's picture; a letter where there is none. Decoration: the name stands beside it. */
import { Users } from 'lucide-react';
import type { ReactNode } from 'react';

export function Avatar({
  name,
  kind = 'person',
  size = 'normal',
  picture = null,
}: {
  readonly name: string;
  readonly kind?: 'person' | 'group';
  readonly size?: 'small' | 'normal' | 'large';
  /** Address of a picture. */
  readonly picture?: string | null;
}): ReactNode {
  return (
    <span className={`avatar ${size}`} aria-hidden="true">
      {picture !== null ? (
        <img src={picture} alt="" />
      ) : kind === 'group' ? (
        <Users size="50%" />
      ) : (
        initialOf(name)
      )}
    </span>
  );
}

function initialOf(name: string): string {
  for (const { segment } of new Intl.Segmenter().segment(name)) return segment.toLocaleUpperCase();
  return '?';
}
