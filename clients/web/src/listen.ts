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
  'SUPERGRAPH_CHANGED',
  'TOKEN_EXPIRED',
])

/**
 * Each notification that came after the one with the id *after*, once and in order, for as long as one listens.
 * Without *after*, what comes from now on. Throws AnsweredWithErrors and what the session throws.
 */
export async function* listen(graph: Graph, after: string | undefined): AsyncGenerator<Notification> {
  const client = createClient({
    url: graph.url,
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

/** Whether it is the way that failed, and not the request. */
function mayBeReopened(failure: unknown): boolean {
  if (!(failure instanceof NetworkError)) return isLost(failure)
  const status = failure.response?.status
  return status === undefined || status === 429 || status >= 500
}
