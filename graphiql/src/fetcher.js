/**
 * How GraphiQL talks to the endpoint: one POST per operation, GraphQL over HTTP. A subscription's answer comes
 * as server-sent events (a `next` event per result) and is handed on result by result.
 */
export function createFetcher(endpoint, session) {
  return async function fetcher({ query, operationName, variables }, { headers = {} } = {}) {
    const sent = new Headers(headers);
    sent.set('content-type', 'application/json');
    sent.set('accept', 'application/graphql-response+json, application/json;q=0.9, text/event-stream;q=0.8');
    if (!sent.has('authorization')) {
      const authorization = await session.authorization();
      if (authorization) sent.set('authorization', authorization);
    }
    const stopping = new AbortController();
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: sent,
      body: JSON.stringify({ query, operationName, variables }),
      signal: stopping.signal,
    });
    const type = response.headers.get('content-type') ?? '';
    if (type.startsWith('text/event-stream')) return results(response.body, stopping);
    if (type.includes('json')) return response.json();
    throw new Error(`${endpoint} answered ${response.status} ${response.statusText}\n\n${await response.text()}`);
  };
}

async function* results(body, stopping) {
  try {
    for await (const { event, data } of events(body)) {
      if (event === 'complete') return;
      if (data) yield JSON.parse(data);
    }
  } finally {
    stopping.abort();
  }
}

/** Server-sent events of *body* as {event, data}; comments, which only keep the connection awake, are dropped. */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let buffered = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    buffered += value;
    const blocks = buffered.split(/\r?\n\r?\n/);
    buffered = blocks.pop();
    for (const block of blocks) yield parseEvent(block);
  }
}

function parseEvent(block) {
  const parsed = { event: 'message', data: '' };
  for (const line of block.split(/\r?\n/)) {
    const [, field, value] = /^(event|data): ?(.*)$/.exec(line) ?? [];
    if (field === 'event') parsed.event = value;
    if (field === 'data') parsed.data += value;
  }
  return parsed;
}
