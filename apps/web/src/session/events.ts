import type { ClientEvents } from '@cipherchat/client-sdk';

/** What a tab is told of the client: `fault` stays in the worker. */
type ToldName = Exclude<keyof ClientEvents, 'fault'>;

export type ToldEvent = {
  readonly [Name in ToldName]: { readonly type: Name; readonly data: ClientEvents[Name] };
}[ToldName];
