/** Sends an operation under its id, and sends it again where that can do no harm. */
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'

import { ANSWER_MS_MAX, isLost, pause, read } from './connection.js'
import type { Session } from './session.js'

const TRIES_MAX = 5

/** Codes of what may be gone a moment later. */
const PASSING = new Set([
  'DEADLINE_EXCEEDED',
  'PLANNING_BUSY',
  'RATE_LIMITED',
  'SERVER_STOPPING',
  'SUBGRAPH_CIRCUIT_OPEN',
  'SUBREQUEST_FAILED',
  'SUBREQUEST_TIMEOUT',
  'TOO_MANY_REQUESTS_IN_FLIGHT',
])

/** Where the graph is (`https://…/graphql`), and who asks. */
export interface Graph {
  url: string
  session: Session
}

interface GraphError {
  message: string
  extensions?: Record<string, unknown>
}

/** The answer has errors. `data` is what came all the same, by which a screen shows the rest of itself. */
export class AnsweredWithErrors extends Error {
  override name = 'AnsweredWithErrors'

  constructor(
    readonly codes: string[],
    message: string,
    readonly data: unknown,
  ) {
    super(message)
  }

  static of(errors: readonly GraphError[], data: unknown): AnsweredWithErrors {
    const codes = errors.map(({ extensions }) => String(extensions?.['code']))
    return new AnsweredWithErrors(codes, errors.map(({ message }) => message).join('; '), data)
  }
}

/** The id under which the product serves *document*. */
export function idOf(document: TypedDocumentNode<unknown, never>): string {
  return (document as unknown as { __meta__: { id: string } }).__meta__.id
}

/**
 * The `data` of the answer. A refusal (`__typename`, `code`, `message`) is data as well: it is the business's answer.
 *
 * A query is sent again when no answer came. So is a mutation that has an idempotency key: the product answers a key
 * once, whatever is lost on the way. Without a key the caller has to look what became of it. Throws AnsweredWithErrors,
 * NotSignedIn, and what `isLost` knows.
 */
export async function ask<Data, Variables>(
  graph: Graph,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const isQuery = document.definitions.some((each) => 'operation' in each && each.operation === 'query')
  const mayRepeat = isQuery || hasIdempotencyKey(variables)
  for (let tries = 1; ; tries += 1) {
    try {
      return await send<Data>(graph, idOf(document), variables, isQuery)
    } catch (failure) {
      if (!mayRepeat || !isPassing(failure) || tries === TRIES_MAX) throw failure
      await pause(tries)
    }
  }
}

function hasIdempotencyKey(variables: unknown): boolean {
  return Boolean((variables as { input?: { idempotencyKey?: string } }).input?.idempotencyKey)
}

function isPassing(failure: unknown): boolean {
  if (failure instanceof AnsweredWithErrors) return failure.codes.every((code) => PASSING.has(code))
  return isLost(failure)
}

interface Answer<Data> {
  data: Data
  errors?: GraphError[]
}

async function send<Data>({ url, session }: Graph, id: string, variables: unknown, isQuery: boolean): Promise<Data> {
  const told = JSON.stringify(variables)
  const headers = { accept: 'application/graphql-response+json', authorization: await session.authorization() }
  const signal = AbortSignal.timeout(ANSWER_MS_MAX)
  // What is in a URL is logged on its way, so variables never are.
  const response = isQuery && told === '{}'
    ? await fetch(`${url}/${id}`, { headers, signal })
    : await fetch(url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: `{"documentId":"${id}","variables":${told}}`,
        signal,
      })
  const { data, errors } = await read<Answer<Data>>(response)
  if (errors) throw AnsweredWithErrors.of(errors, data)
  return data
}
