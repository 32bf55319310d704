/** What a plan that came with an answer says of its times, in the form in which it is drawn. */

/** All fetches of *node*, as they are drawn. */
export function fetchesIn(node) {
  if (!node || typeof node !== 'object') return [];
  if (node.kind === 'Fetch') return [node];
  return Object.values(node).flatMap(fetchesIn);
}

/**
 * The requests of *plan* in the order in which they began, each with since when it could have begun: when what it
 * needs had been answered. One that has not ended lasts until the end.
 */
export function requestsOf(plan) {
  const fetches = fetchesIn(plan.node);
  const end = ({ startMilliseconds, milliseconds }) =>
    milliseconds === null ? plan.milliseconds : startMilliseconds + milliseconds;
  const endOf = new Map(fetches.map(({ id, requests }) => [id, Math.max(0, ...requests.map(end))]));
  return fetches
    .flatMap((fetch) => {
      const ready = Math.max(plan.plannedMilliseconds, ...fetch.after.map((id) => endOf.get(id) ?? 0));
      return fetch.requests.map((request) => ({
        ...request,
        fetch,
        end: end(request),
        ready: Math.min(ready, request.startMilliseconds),
      }));
    })
    .sort((one, other) => one.startMilliseconds - other.startMilliseconds);
}

export function formatMilliseconds(value) {
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

export function formatBytes(value) {
  if (value === null) return '–';
  return value < 1000 ? `${value} B` : `${(value / 1000).toFixed(1)} kB`;
}

/** What is to be said of how *request* went, beside times and sizes. */
export function remarksOn({ representations, attempts, status, errors, failure, shared, milliseconds }) {
  return [
    representations > 0 && `${representations} ${representations === 1 ? 'object' : 'objects'}`,
    shared && "another request's answer",
    !shared && attempts === 0 && 'not sent',
    attempts > 1 && `sent ${attempts} times`,
    status !== null && `HTTP ${status}`,
    milliseconds === null && 'not waited for',
    errors > 0 && `${errors} ${errors === 1 ? 'error' : 'errors'}`,
    failure,
  ].filter(Boolean);
}
