/** What may go wrong on the way: told from what the product says, and how long to wait before the next try. */

const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 10_000

/** How long an answer may take; the product itself gives up earlier. */
export const ANSWER_MS_MAX = 45_000

/** Something between answered in the product's place: a proxy, a hotel's sign-in page. */
export class NotTheProduct extends Error {
  override name = 'NotTheProduct'
}

/** The JSON of a response, whatever its status. Throws NotTheProduct when it is none. */
export async function read<Answer>(response: Response): Promise<Answer> {
  const text = await response.text()
  try {
    return JSON.parse(text) as Answer
  } catch (cause) {
    throw new NotTheProduct(`something between answered with status ${response.status}`, { cause })
  }
}

/** Whether no answer came. TypeError is the word of `fetch` and of streams for a connection that is lost. */
export function isLost(failure: unknown): boolean {
  const isLate = failure instanceof DOMException && failure.name === 'TimeoutError'
  return isLate || failure instanceof TypeError || failure instanceof NotTheProduct
}

/** Each pause is twice as long as the one before, and a part of it is by chance, for all have lost the same server. */
export function pause(tries: number): Promise<void> {
  const most = Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS)
  return new Promise((resolve) => setTimeout(resolve, most / 2 + (Math.random() * most) / 2))
}
