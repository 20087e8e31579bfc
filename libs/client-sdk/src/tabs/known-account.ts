/**
 * Whether this browser had an account, although nothing of it is left: browsers clear what scripts store (Safari after
 * seven days without a visit, all of them when the disk is full), and a person whose keys were cleared is not new.
 *
 * Two marks, since neither is enough. What a page stores names the account, and is cleared with the keys in most cases.
 * The cookie is set by the server at each sign-in (`apps/auth/src/browser-mark`), which is not cleared so, and names
 * nobody. Both go at sign-out. For the page's own thread: workers see neither.
 */
import { browserMarkCookie } from '@cipherchat/protocol';
import type { ClientStatus } from './hosted-client.js';

/** The account that this browser had; `null` where only the server's mark is left. */
export type KnownAccount = { readonly username: string | null; readonly serverUrl: string | null };

/** What a page shows first. `cleared`: this browser had an account and lost its keys; recovery is offered. */
export type ShownStatus = ClientStatus | ({ readonly kind: 'cleared' } & KnownAccount);

/** A page's marks: its cookies and its storage. */
export type PageMarks = {
  cookie: string;
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
};

const key = 'cipherchat-account';

/** Give it every status of the client: an open account is remembered, and `empty` may turn out to be `cleared`. */
export function noteStatus(status: ClientStatus, marks: PageMarks = marksOfPage()): ShownStatus {
  if (status.kind === 'open') remember(marks, status.self);
  if (status.kind !== 'empty') return status;
  const known = knownAccount(marks);
  return known === null ? status : { kind: 'cleared', ...known };
}

/** `null` in a browser in which nobody was signed in. */
export function knownAccount(marks: PageMarks = marksOfPage()): KnownAccount | null {
  const named = readNamed(marks);
  const isMarked = marks.cookie.split('; ').includes(`${browserMarkCookie}=1`);
  return named ?? (isMarked ? { username: null, serverUrl: null } : null);
}

/** After signing out, and when a person says that they begin anew. */
export function forgetAccount(marks: PageMarks = marksOfPage()): void {
  marks.cookie = `${browserMarkCookie}=; Path=/; Max-Age=0; SameSite=Strict`;
  marks.storage.removeItem(key);
}

function remember(
  marks: PageMarks,
  { username, serverUrl }: { readonly username: string; readonly serverUrl: string },
): void {
  const text = JSON.stringify({ username, serverUrl });
  if (marks.storage.getItem(key) !== text) marks.storage.setItem(key, text);
}

/** What somebody else wrote there is nothing. */
function readNamed({ storage }: PageMarks): KnownAccount | null {
  const text = storage.getItem(key);
  if (text === null) return null;
  try {
    const read = JSON.parse(text) as Readonly<Record<string, unknown>> | null;
    const { username, serverUrl } = read ?? {};
    return typeof username === 'string' && typeof serverUrl === 'string' ? { username, serverUrl } : null;
  } catch {
    // Not ours: there is nothing to tell apart.
    return null;
  }
}

function marksOfPage(): PageMarks {
  return {
    get cookie() {
      return document.cookie;
    },
    set cookie(text) {
      document.cookie = text;
    },
    storage: localStorage,
  };
}
