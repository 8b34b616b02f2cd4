/**
 * Posts a message.
 *
 * @see SPEC 3.4 "POST /api/messages"
 */

/** What the server takes. */
export interface NewMessage {
  sessionId: string;
  content: string;
  isFromBot: boolean;
  robotId?: string;
}

const CREDENTIALS: readonly RequestCredentials[] = ['include', 'omit', 'same-origin'];

/** Resolves with why it was not taken, in the server's words; undefined when it was. */
export async function postMessage(
  address: string,
  credentials: string | null | undefined,
  message: NewMessage,
): Promise<string | undefined> {
  try {
    const response = await fetch(address, {
      method: 'POST',
      credentials: CREDENTIALS.find((name) => name === credentials) ?? 'same-origin',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(message),
    });
    if (response.ok) return undefined;
    const body: unknown = await response.json().catch(() => undefined);
    const reason: unknown =
      typeof body === 'object' && body !== null && Reflect.get(body, 'message');
    return typeof reason === 'string' ? reason : `${response.status} ${response.statusText}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
