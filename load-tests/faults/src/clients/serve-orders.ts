/** The child's side: carries out orders, several at once, and answers each. */
import type { Order, Told } from './orders.js';

export function serveOrders(carryOut: (order: Order) => Promise<unknown>): void {
  process.on('message', ({ id, order }: { readonly id: number; readonly order: Order }) => {
    carryOut(order).then(
      (result) => tell({ kind: 'done', order: id, result: result ?? null }),
      (error: unknown) =>
        tell({
          kind: 'failed',
          order: id,
          reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
        }),
    );
  });
  // The parent is gone.
  process.on('disconnect', () => process.exit());
}

export function tell(told: Told): void {
  if (process.connected) process.send?.(told);
}
