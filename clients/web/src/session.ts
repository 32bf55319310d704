/** Who asks: signs in by OAuth 2, and has a new token before the old one runs out. */
import { ANSWER_MS_MAX, read } from './connection.js'

const RENEW_BEFORE_MS = 60_000

interface Tokens {
  access_token: string
  refresh_token: string
  expires_in: number
}

/** Not signed in, or not any more. `code` is OAuth 2's: `invalid_grant`, `slow_down`, … */
export class NotSignedIn extends Error {
  override name = 'NotSignedIn'

  constructor(
    readonly code: string,
    description: string,
  ) {
    super(description)
  }
}

export class Session {
  readonly #url: string
  #tokens: Tokens
  #renewAt: number
  #renewal: Promise<void> | undefined

  private constructor(url: string, tokens: Tokens) {
    this.#url = url
    this.#tokens = tokens
    this.#renewAt = renewAt(tokens)
  }

  /** Begin a session at the product of *origin*. Throws NotSignedIn. */
  static async signIn(origin: string, username: string, password: string): Promise<Session> {
    const url = `${origin}/oauth/token`
    return new Session(url, await ask(url, { grant_type: 'password', username, password }))
  }

  /** What the next request has in its `authorization` header. Throws NotSignedIn when the session has ended. */
  async authorization(): Promise<string> {
    if (Date.now() >= this.#renewAt) {
      // Once for all who wait: a refresh token is good for one use, and a second one ends the session.
      this.#renewal ??= this.#renew().finally(() => (this.#renewal = undefined))
      await this.#renewal
    }
    return `Bearer ${this.#tokens.access_token}`
  }

  async #renew(): Promise<void> {
    this.#tokens = await ask(this.#url, { grant_type: 'refresh_token', refresh_token: this.#tokens.refresh_token })
    this.#renewAt = renewAt(this.#tokens)
  }
}

function renewAt({ expires_in }: Tokens): number {
  return Date.now() + Math.max(expires_in * 1000 - RENEW_BEFORE_MS, (expires_in * 1000) / 2)
}

async function ask(url: string, form: Record<string, string>): Promise<Tokens> {
  const signal = AbortSignal.timeout(ANSWER_MS_MAX)
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form), signal })
  const answer = await read<Tokens | { error: string; error_description: string }>(response)
  if ('error' in answer) throw new NotSignedIn(answer.error, answer.error_description)
  return answer
}
