/** An array parameter as Postgres writes one: for ids and numbers, which need no quoting. */
export function literal<Item>(items: readonly Item[], field: (item: Item) => string | number): string {
  let text = '{';
  for (let index = 0; index < items.length; index++) {
    if (index > 0) text += ',';
    text += field(items[index] as Item);
  }
  return `${text}}`;
}
