/**
 * Who the requests are sent as.
 *
 * An access token is either pasted or had by signing in. It lives in sessionStorage: it survives a reload, is
 * seen by this tab only, and is gone when the tab closes. A sign-in also brings a refresh token, which is spent
 * shortly before the access token ends, so that a person stays signed in while they work.
 */
const STORAGE_KEY = 'graphiql:session';

/** Ask for a new token this long before the old one ends: longer than a slow request takes. */
const RENEW_BEFORE_SECONDS = 30;

export class Session {
  #listeners = new Set();
  #renewal = null;
  #signingIn = null;

  constructor(config) {
    this.tokenUrl = config.tokenUrl;
    this.state = readStored();
  }

  /** For React's useSyncExternalStore: *listener* is called after each change. */
  subscribe = (listener) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  getState = () => this.state;

  usePastedToken(text) {
    this.#signingIn = null; // whoever was about to sign in has chosen otherwise
    // People paste a whole header as often as the token alone.
    const accessToken = text.trim().replace(/^(authorization\s*:\s*)?bearer\s+/i, '');
    this.#set(accessToken ? { accessToken, expiresAt: readExpiry(accessToken) } : null);
  }

  signIn({ label, username, password }) {
    const grant = { grant_type: 'password', username, password };
    const signingIn = this.#requestToken(grant, label).then((state) => {
      if (this.#signingIn === signingIn) this.#set(state);
    });
    this.#signingIn = signingIn;
    return signingIn.finally(() => {
      if (this.#signingIn === signingIn) this.#signingIn = null;
    });
  }

  signOut() {
    this.#set(null);
  }

  /**
   * The Authorization header of the next request, or null for an anonymous one. Waits for a sign-in that is under way:
   * who has chosen a person means to ask as that person.
   */
  async authorization() {
    await this.#signingIn?.catch((error) => {
      throw new Error(`Nothing was sent, because signing in failed. (${error.message})`);
    });
    const { accessToken, refreshToken, expiresAt } = this.state ?? {};
    if (!accessToken) return null;
    if (refreshToken && expiresAt && expiresAt - now() < RENEW_BEFORE_SECONDS) await this.#renew();
    return this.state ? `Bearer ${this.state.accessToken}` : null;
  }

  /** One renewal at a time: a refresh token is good for one use, and a second use ends the whole session. */
  #renew() {
    const { refreshToken, label } = this.state;
    this.#renewal ??= this.#requestToken({ grant_type: 'refresh_token', refresh_token: refreshToken }, label)
      .then((state) => this.#set(state))
      .catch((error) => {
        this.#set(null);
        throw new Error(`Your session has ended; sign in again. (${error.message})`);
      })
      .finally(() => {
        this.#renewal = null;
      });
    return this.#renewal;
  }

  async #requestToken(grant, label) {
    const response = await fetch(this.tokenUrl, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams(grant),
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok || !answer.access_token) {
      throw new Error(answer.error_description ?? answer.error ?? `the token endpoint answered ${response.status}`);
    }
    return {
      label,
      accessToken: answer.access_token,
      refreshToken: answer.refresh_token,
      expiresAt: answer.expires_in ? now() + answer.expires_in : readExpiry(answer.access_token),
    };
  }

  #set(state) {
    this.state = state;
    if (state) sessionStorage.setItem(STORAGE_KEY, JSON.stringify(state));
    else sessionStorage.removeItem(STORAGE_KEY);
    for (const listener of this.#listeners) listener();
  }
}

export function now() {
  return Math.floor(Date.now() / 1000);
}

function readStored() {
  try {
    return JSON.parse(sessionStorage.getItem(STORAGE_KEY));
  } catch {
    return null;
  }
}

/** The `exp` of a JWT, unverified: only to tell the reader; the server decides what the token is worth. */
function readExpiry(token) {
  try {
    const payload = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
    return JSON.parse(atob(payload)).exp ?? null;
  } catch {
    return null;
  }
}
