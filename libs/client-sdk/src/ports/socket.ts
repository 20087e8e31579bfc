/** A WebSocket as the connection sees it: whole binary frames, in order, until it closes. */
export interface SocketPort {
  /**
   * Starts to connect and returns at once; exactly one `closed` ends every socket, also one that never opened.
   * After `close` was called no listener is called but `closed`.
   */
  readonly open: (params: {
    readonly url: string;
    readonly subprotocol: string;
    readonly listener: SocketListener;
  }) => OpenSocket;
}

/** What a socket tells. */
export type SocketListener = {
  readonly opened: () => void;
  readonly received: (frame: Uint8Array) => void;
  /** RFC 6455 close code; 1006 when the network was lost or the handshake refused. */
  readonly closed: (code: number) => void;
};

/** A socket that was asked to open; it may be used before it has. */
export type OpenSocket = {
  /** Queues a frame; silently dropped when the socket is not open any more (what was lost is sent again). */
  readonly send: (frame: Uint8Array) => void;
  readonly close: () => void;
};

/** The global `WebSocket` of browsers and Node 22 and later. */
export const webSocketPort: SocketPort = {
  open: ({ url, subprotocol, listener }) => {
    let closed = false;
    const socket = new WebSocket(url, subprotocol);
    socket.binaryType = 'arraybuffer';
    const finish = (code: number): void => {
      if (closed) return;
      closed = true;
      listener.closed(code);
    };
    socket.onopen = () => {
      if (!closed) listener.opened();
    };
    socket.onmessage = (event: { readonly data: unknown }) => {
      // A text frame is not ours; the empty frame makes the connection fail as malformed.
      if (!closed)
        listener.received(event.data instanceof ArrayBuffer ? new Uint8Array(event.data) : new Uint8Array(0));
    };
    socket.onclose = (event) => finish(event.code);
    // An error is always followed by `close`; without a listener Node would report it as unhandled.
    socket.onerror = () => undefined;
    return {
      send: (frame) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(frame as Uint8Array<ArrayBuffer>);
      },
      close: () => {
        socket.close();
        // A peer that is gone never answers the closing handshake: do not wait for it.
        queueMicrotask(() => finish(1005));
      },
    };
  },
};
