import { getOperationAST, parse } from 'graphql';
import { events, parts } from './streams.js';

const ACCEPTED = [
  'multipart/mixed;incrementalSpec=v0.2',
  'application/graphql-response+json',
  'application/json;q=0.9',
  'text/event-stream;q=0.8',
].join(', ');

/**
 * How GraphiQL talks to the endpoint: one POST per operation, GraphQL over HTTP. A subscription's answer comes
 * as server-sent events (a `next` event per result), what is deferred as parts; both are handed on as they come.
 *
 * Where the router may show plans, each answer is asked for its own; it is taken out of the answer and kept in
 * *lastRun*, with the trace id and the reason why a stream has ended.
 */
export function createFetcher(config, session, lastRun) {
  return async function fetcher({ query, variables, ...asked }, { headers = {} } = {}) {
    const operationName = known(query, asked.operationName);
    const tell = isIntrospection(operationName) ? () => {} : lastRun.begin(nameOf(query, operationName));
    const sent = new Headers(headers);
    sent.set('content-type', 'application/json');
    sent.set('accept', ACCEPTED);
    if (!sent.has('authorization')) {
      const authorization = await session.authorization();
      if (authorization) sent.set('authorization', authorization);
    }
    const extensions = config.showsPlans && !isIntrospection(operationName) ? { plan: true } : undefined;
    const stopping = new AbortController();
    const response = await fetch(config.endpoint, {
      method: 'POST',
      headers: sent,
      body: JSON.stringify({ query, operationName, variables, extensions }),
      signal: stopping.signal,
    });
    tell(() => ({ traceId: response.headers.get('x-correlation-id') }));
    const type = response.headers.get('content-type') ?? '';
    const { body } = response;
    if (type.startsWith('text/event-stream')) return stoppable(results(body, stopping.signal, tell), stopping);
    if (type.startsWith('multipart/mixed')) return stoppable(deferred(body, stopping.signal, tell), stopping);
    if (type.includes('json')) return withoutPlan(await response.json(), tell);
    throw new Error(`${config.endpoint} answered ${response.status} ${response.statusText}\n\n${await response.text()}`);
  };
}

/** *operationName*, if *query* has it: for a moment after another text was opened, GraphiQL still names what was there. */
function known(query, operationName) {
  try {
    return operationName && getOperationAST(parse(query), operationName) ? operationName : undefined;
  } catch {
    return operationName; // the server says what is wrong with it
  }
}

/** What the operation is called that is run: GraphiQL says it only where there are several, or a moment later. */
function nameOf(query, operationName) {
  try {
    return operationName ?? getOperationAST(parse(query))?.name?.value;
  } catch {
    return undefined; // what is no document has no name; the server says what is wrong with it
  }
}

/** GraphiQL's own question, which is nobody's operation. */
function isIntrospection(operationName) {
  return operationName === 'IntrospectionQuery';
}

/** *result* as it would be if nobody had asked for its plan. */
function withoutPlan(result, tell) {
  const { plan, ...extensions } = result.extensions ?? {};
  tell(({ results }) => ({ results: results + 1, ...(plan && { plan }) }));
  if (!plan) return result;
  const { extensions: _, ...rest } = result;
  return Object.keys(extensions).length ? { ...rest, extensions } : rest;
}

/** *stream*, which ends at once when its reader wants no more: a generator alone would first wait for its next result. */
function stoppable(stream, stopping) {
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => stream.next(),
    async return() {
      stopping.abort();
      return { done: true, value: undefined };
    },
  };
}

/** The results of *body*, until it is told to have ended, breaks off, or *stopped* says that nobody wants more. */
async function* results(body, stopped, tell) {
  let ending = 'The connection was lost';
  try {
    for await (const { event, data } of events(body)) {
      if (event === 'complete') {
        ending = 'Ended by the server';
        return;
      }
      if (!data) continue;
      const result = JSON.parse(data);
      // A stream that is ended before its time says why in its last result, which has nothing else in it.
      if (!('data' in result) && result.errors?.length) {
        ending = `Ended by the server: ${result.errors[0].message}`;
        tell(() => ({ ending }));
      }
      yield withoutPlan(result, tell);
    }
  } catch (error) {
    if (!(error instanceof TypeError) && !stopped.aborted) throw error; // a TypeError is fetch's word for a lost connection
  } finally {
    tell(({ ending: told }) => ({ ending: told ?? (stopped.aborted ? 'Stopped' : ending) }));
  }
}

/** The parts of *body*, an answer of which something is deferred. */
async function* deferred(body, stopped, tell) {
  let isWhole = false;
  try {
    for await (const part of parts(body)) {
      isWhole = !part.hasNext;
      yield withoutPlan(part, tell);
    }
  } catch (error) {
    if (!(error instanceof TypeError) && !stopped.aborted) throw error;
  } finally {
    if (!isWhole) tell(() => ({ ending: stopped.aborted ? 'Stopped' : 'The connection was lost' }));
  }
}
