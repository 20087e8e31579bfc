/** Buttons: all of them say what they do, in letters or to a screen reader. */
import type { ComponentProps, ReactNode } from 'react';

type ButtonProps = ComponentProps<'button'> & { readonly look?: 'plain' | 'main' | 'danger' };

export function Button({
  look = 'plain',
  className = '',
  type = 'button',
  ...props
}: ButtonProps): ReactNode {
  return <button {...props} type={type} className={`button ${look} ${className}`} />;
}

type IconButtonProps = Omit<ComponentProps<'button'>, 'aria-label' | 'title'> & { readonly label: string };

/** The icon is its child. */
export function IconButton({ label, className = '', type = 'button', ...props }: IconButtonProps): ReactNode {
  return (
    <button {...props} type={type} className={`icon-button ${className}`} aria-label={label} title={label} />
  );
}
