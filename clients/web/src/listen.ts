/** One's notifications, live: a connection that is lost is opened again, and what came meanwhile is told first. */
import { createClient, NetworkError } from 'graphql-sse'

import { AnsweredWithErrors, type Graph, idOf } from './ask.js'
import { isLost, pause } from './connection.js'
import { NotificationReceivedDocument, type NotificationReceivedSubscription } from './graphql/graphql.js'

export type Notification = NonNullable<NotificationReceivedSubscription['notificationReceived']>

/** Codes with which the product ends a stream that may be opened again. */
const REOPENED = new Set([
  'SERVER_STOPPING',
  'SUBSCRIPTION_TOO_LONG',
  'SUBSCRIPTION_TOO_SLOW',
  'TOKEN_EXPIRED',
])

/** Nothing for so long, not even a sign of life, of which the product gives one each 12 seconds: the connection is lost. */
const SILENCE_MS_MAX = 40_000

/**
 * Each notification that came after the one with the id *after*, once and in order, for as long as one listens.
 * Without *after*, what comes from now on. Throws AnsweredWithErrors and what the session throws.
 */
export async function* listen(
  graph: Graph,
  after: string | undefined,
  silenceMsMax = SILENCE_MS_MAX,
): AsyncGenerator<Notification> {
  const client = createClient({
    url: graph.url,
    fetchFn: (url: string, request: RequestInit) => fetchUntilSilent(url, request, silenceMsMax),
    headers: async () => ({ authorization: await graph.session.authorization() }),
    retryAttempts: 0, // it would ask from the same place again
  })
  const extensions = { persistedQuery: { version: 1, sha256Hash: idOf(NotificationReceivedDocument) } }
  try {
    for (let tries = 1; ; tries += 1) {
      try {
        const variables = after === undefined ? {} : { after }
        const events = client.iterate<NotificationReceivedSubscription>({ query: '', variables, extensions })
        for await (const { data, errors } of events) {
          if (errors) {
            const ended = AnsweredWithErrors.of(errors, data)
            if (ended.codes.every((code) => REOPENED.has(code))) break
            throw ended
          }
          if (!data?.notificationReceived) continue
          after = data.notificationReceived.id
          tries = 0
          yield data.notificationReceived
        }
      } catch (failure) {
        if (!mayBeReopened(failure)) throw failure
      }
      await pause(Math.max(tries, 1))
    }
  } finally {
    client.dispose()
  }
}

/** `fetch`, which fails when nothing has come for so long: a network that is gone seldom says so. */
async function fetchUntilSilent(url: string, request: RequestInit, silenceMsMax: number): Promise<Response> {
  const lost = new AbortController()
  let silence: ReturnType<typeof setTimeout> | undefined
  const stop = () => clearTimeout(silence)
  const hear = () => {
    stop()
    silence = setTimeout(() => lost.abort(new TypeError('the connection is silent')), silenceMsMax)
  }
  request.signal?.addEventListener('abort', stop)
  hear()
  const signals = [request.signal ?? [], lost.signal].flat()
  const response = await fetch(url, { ...request, signal: AbortSignal.any(signals) })
  const heard = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, stream) {
      hear()
      stream.enqueue(bytes)
    },
    flush: stop,
  })
  return new Response(response.body?.pipeThrough(heard) ?? null, response)
}

/** Whether it is the way that failed, and not the request. */
function mayBeReopened(failure: unknown): boolean {
  if (!(failure instanceof NetworkError)) return isLost(failure)
  const status = failure.response?.status
  return status === undefined || status === 429 || status >= 500
}
