/**
 * What is known of the operation that was run last, beside its answer: its trace id, its plan, how its stream ended.
 */
export class LastRun {
  #listeners = new Set();

  constructor() {
    this.state = null;
  }

  /** For React's useSyncExternalStore: *listener* is called after each change. */
  subscribe = (listener) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  getState = () => this.state;

  /** An operation is sent; what is told of it afterwards, unless another one was sent meanwhile, is kept. */
  begin(operationName) {
    const mine = { operationName: operationName ?? null, traceId: null, plan: null, results: 0, ending: null };
    this.#set(mine);
    let latest = mine;
    return (change) => {
      if (this.state !== latest) return;
      latest = { ...latest, ...change(latest) };
      this.#set(latest);
    };
  }

  #set(state) {
    this.state = state;
    for (const listener of this.#listeners) listener();
  }
}
