/** Says how the connection stands, only while it is not as it should be; never in the way of writing. */
import { CloudOff, RefreshCw } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import type { ConnectionState } from '@cipherchat/client-sdk';
import { useText } from '../catalogue/language-context.js';
import { useSession } from '../session/session-context.js';
import { useWatched } from '../session/watched.js';

/** A connection that is back within this was not worth a word. */
const quietMs = 1_500;

export function ConnectionBar(): ReactNode {
  const t = useText();
  const session = useSession();
  const status = useWatched(session.status);
  const connection = status.kind === 'open' ? status.connection : null;
  const text = useLasting(connection === null ? null : textOf(connection, t));
  return (
    <div className="connection" role="status" aria-label={t.connection.name}>
      {text !== null && (
        <p>
          {connection?.kind === 'offline' || connection?.kind === 'waiting' ? (
            <CloudOff size={18} aria-hidden="true" />
          ) : (
            <RefreshCw size={18} aria-hidden="true" />
          )}
          <span>{text}</span>
          {connection?.kind === 'waiting' && (
            <button type="button" onClick={() => void session.call('connectNow', undefined)}>
              {t.connection.tryNow}
            </button>
          )}
        </p>
      )}
    </div>
  );
}

function textOf(connection: ConnectionState, t: ReturnType<typeof useText>): string | null {
  switch (connection.kind) {
    case 'live':
      return null;
    case 'offline':
      return t.connection.offline;
    case 'waiting':
      return navigator.onLine ? t.connection.retrying : t.connection.offline;
    case 'connecting':
      return t.connection.connecting;
    case 'catching-up':
      return t.connection.catchingUp;
    case 'stopped':
      return t.connection.stopped[connection.reason];
  }
}

/** The text, once there has been one for a while. */
function useLasting(text: string | null): string | null {
  const [isLasting, setLasting] = useState(false);
  const isNamed = text !== null;
  useEffect(() => {
    if (!isNamed) return setLasting(false);
    const timer = setTimeout(() => setLasting(true), quietMs);
    return () => clearTimeout(timer);
  }, [isNamed]);
  return isLasting ? text : null;
}
