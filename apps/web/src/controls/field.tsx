/** A labelled input with its hint and what is wrong with it, tied together for screen readers. */
import { ChevronDown } from 'lucide-react';
import { useId, type ComponentProps, type ReactNode } from 'react';

type FieldProps = ComponentProps<'input'> & {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly fault?: string | undefined;
};

export function Field({ label, hint, fault, ...props }: FieldProps): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        {...props}
        id={id}
        aria-invalid={fault !== undefined}
        aria-describedby={described({ id, hint, fault })}
      />
      <Described id={id} hint={hint} fault={fault} />
    </div>
  );
}

type Description = {
  readonly id: string;
  readonly hint: string | undefined;
  readonly fault: string | undefined;
};

function described({ id, hint, fault }: Description): string | undefined {
  const parts = [hint === undefined ? '' : `${id}-hint`, fault === undefined ? '' : `${id}-fault`];
  return parts.filter((part) => part !== '').join(' ') || undefined;
}

function Described({ id, hint, fault }: Description): ReactNode {
  return (
    <>
      {hint !== undefined && (
        <span className="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      <span className="fault" id={`${id}-fault`} role="alert">
        {fault}
      </span>
    </>
  );
}

type SwitchProps = {
  readonly label: string;
  readonly hint?: string;
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly onChange: (checked: boolean) => void;
};

export function Switch({ label, hint, checked, disabled, onChange }: SwitchProps): ReactNode {
  const id = useId();
  return (
    <label className="switch">
      <input
        type="checkbox"
        role="switch"
        checked={checked}
        disabled={disabled}
        // The hint belongs to what is clicked, and is read after the name, not as a part of it.
        aria-labelledby={`${id}-label`}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      <span>
        <span id={`${id}-label`}>{label}</span>
        {hint !== undefined && (
          <span className="hint" id={`${id}-hint`}>
            {hint}
          </span>
        )}
      </span>
    </label>
  );
}

/** One of a few, by the browser's own control. */
export function Choice({
  label,
  hint,
  fault,
  value,
  options,
  onChange,
}: {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly fault?: string | undefined;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onChange: (value: string) => void;
}): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <span className="select">
        <select
          id={id}
          value={value}
          aria-describedby={described({ id, hint, fault })}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        >
          {options.map(([option, text]) => (
            <option key={option} value={option}>
              {text}
            </option>
          ))}
        </select>
        <ChevronDown size={18} aria-hidden="true" />
      </span>
      <Described id={id} hint={hint} fault={fault} />
    </div>
  );
}
