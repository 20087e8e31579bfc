/** A number for people: its value, for the plural, and as the language writes it. */
export type Amount = { readonly value: number; readonly text: string };
