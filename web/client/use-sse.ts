/**
 * `useSSE(src)`: a stream in a React component. Connected while the component is mounted, drawn at most
 * once a frame.
 *
 * @see SPEC 5; https://react.dev/reference/react/useSyncExternalStore
 */
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { Client, type ConnectOptions, type Snapshot } from './connect.ts';

/** The state of the stream, and the calls that change it. */
export interface UseSSE extends Snapshot {
  connect(): void;
  disconnect(): void;
  clearMessages(): void;
}

/** Before there is a stream: on the server, or without an address. */
const NOTHING: Snapshot = {
  connected: false,
  state: 'closed',
  messages: [],
  rows: [],
  error: undefined,
  reconnectAttempts: 0,
};

const ignore = (): void => undefined;

/**
 * @param src the address; null or undefined: none yet. Another address is another stream.
 * @param options callbacks may be new functions in each render; another value of anything else connects
 * anew.
 */
export function useSSE(src: string | null | undefined, options: ConnectOptions = {}): UseSSE {
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  const { credentials, reconnectInterval, maxReconnectAttempts, maxMessages, autoConnect } =
    options;
  const client = useMemo(() => {
    if (src === null || src === undefined) return undefined;
    return new Client(src, {
      ...(credentials === undefined ? {} : { credentials }),
      reconnectInterval,
      maxReconnectAttempts,
      maxMessages,
      autoConnect: false,
      onMessage: (message) => latest.current.onMessage?.(message),
      onConnected: () => latest.current.onConnected?.(),
      onDisconnected: () => latest.current.onDisconnected?.(),
      onError: (problem) => latest.current.onError?.(problem),
    });
  }, [src, credentials, reconnectInterval, maxReconnectAttempts, maxMessages]);

  useEffect(() => {
    if (autoConnect !== false) client?.connect();
    return () => client?.disconnect();
  }, [client, autoConnect]);

  const subscribe = useCallback((fn: () => void) => client?.subscribe(fn) ?? ignore, [client]);
  const snapshot = useCallback(() => client?.snapshot ?? NOTHING, [client]);
  const value = useSyncExternalStore(subscribe, snapshot, () => NOTHING);

  return useMemo(
    () => ({
      ...value,
      connect: () => client?.connect(),
      disconnect: () => client?.disconnect(),
      clearMessages: () => client?.clearMessages(),
    }),
    [value, client],
  );
}
