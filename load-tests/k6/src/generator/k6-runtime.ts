/** The world around a load client, as k6 gives it. */
import exec from 'k6/execution';
import http from 'k6/http';
import { Counter, Trend } from 'k6/metrics';
import { WebSocket } from 'k6/websockets';
import { subprotocol } from '@cipherchat/protocol';
import { figureNames, figures, type FigureName } from '../figures.js';
import { pooled } from './chance.js';
import type { Runtime, Socket, SocketEvents } from './runtime.js';

const poolBytes = 64 * 1024;
const requestTimeout = '15s';
/** Of one VU: a run that fails says the same thing a thousand times. */
const maxComplaints = 10;
/** A socket that was open, and closed without a code. */
const abnormal = 1006;

/** In the init context: k6 wants to know its metrics before the run. */
export function declareFigures(): ReadonlyMap<FigureName, Trend | Counter> {
  return new Map(
    figureNames.map((name) => [
      name,
      figures[name].kind === 'times' ? new Trend(name, true) : new Counter(name),
    ]),
  );
}

export function k6Runtime(metrics: ReturnType<typeof declareFigures>): Runtime {
  let complaints = 0;
  return {
    nowMs: () => exec.instance.currentTestRunDuration,
    wallMs: () => Date.now(),
    later: (delayMs, act) => {
      const timer = setTimeout(act, delayMs);
      return () => clearTimeout(timer);
    },
    random: pooled((length) => crypto.getRandomValues(new Uint8Array(length)), poolBytes),
    openSocket,
    request: async ({ method, url, headers, body }) => {
      const answer = await http.asyncRequest(method, url, body ?? null, {
        headers: { ...headers },
        responseType: 'binary',
        redirects: 0,
        timeout: requestTimeout,
      });
      return {
        status: answer.status,
        tookMs: answer.timings.duration,
        body: new Uint8Array(answer.body ?? new ArrayBuffer(0)),
      };
    },
    note: (figure, value) => metrics.get(figure)?.add(value),
    complain: (text) => {
      if (++complaints <= maxComplaints) console.error(text);
    },
  };
}

function openSocket(url: string, events: SocketEvents): Socket {
  let isOver = false;
  const socket = new WebSocket(url, [subprotocol] as unknown as null); // its types know no subprotocols
  socket.binaryType = 'arraybuffer' as typeof socket.binaryType;
  const over = (code: number): void => {
    if (isOver) return;
    isOver = true;
    events.closed(code);
  };
  socket.onopen = () => {
    if (isOver) socket.close();
    else events.opened();
  };
  socket.onmessage = (message) => {
    if (!isOver && message !== undefined) events.received(new Uint8Array(message.data as ArrayBuffer));
  };
  // It gives an event with the code, which its types leave out.
  socket.onclose = (event?: { readonly code?: number }) => over(event?.code ?? abnormal);
  return {
    send: (bytes) => {
      if (socket.readyState === open) socket.send(bytes.buffer);
    },
    close: () => {
      isOver = true;
      if (socket.readyState === open) socket.close();
    },
  };
}

/** `WebSocket.OPEN`, which k6's has not. */
const open = 1;
