// Sends an order to the monitor, and says what became of it in a sentence.

export interface Outcome {
  readonly isDone: boolean;
  readonly sentence: string;
}

/** Never rejects. The cookie goes with it; nothing secret is in an address. */
export async function order(name: string, body: object): Promise<Outcome> {
  try {
    const response = await fetch(`/console/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as { readonly reason?: string };
    if (response.ok) return { isDone: true, sentence: 'Done.' };
    return { isDone: false, sentence: answer.reason ?? `Refused (${response.status}).` };
  } catch {
    return { isDone: false, sentence: 'The monitor does not answer.' };
  }
}
