// Relay: what its compiler made is sent by id, deferred fragments come later, and its store keeps things by their ids.
import { createClient } from 'graphql-ws'
import { meros } from 'meros/browser'
import relay from 'relay-runtime'
import { artifact, credentials, investment, notingFetch, order, sent, tell, WebSocket } from './house.mjs'

const { Environment, Network, Observable, RecordSource, Store } = relay
const { commitMutation, createOperationDescriptor, fetchQuery, requestSubscription } = relay
const compiled = (name) => artifact(`market${name}`)
const [Query, RefetchQuery, OfferingRefetchQuery, SignIn, Invest, Inbox, Tell] = await Promise.all(
  ['Query', 'RefetchQuery', 'OfferingRefetchQuery', 'SignInMutation', 'InvestMutation', 'InboxQuery', 'TellSubscription'].map(
    compiled,
  ),
)

let token = null
const socket = createClient({
  url: order.graphql.replace('http', 'ws'),
  webSocketImpl: WebSocket,
  connectionParams: () => ({ authorization: `Bearer ${token}` }),
})
const named = (id) => ({ query: '', extensions: { persistedQuery: { version: 1, sha256Hash: id } } })
const deferredAt = []

async function ask({ id }, variables, sink) {
  const response = await notingFetch(order.graphql, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'multipart/mixed;deferSpec=20220824, application/json',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ documentId: id, variables }),
  })
  const parts = await meros(response)
  if (parts === response) {
    sink.next(await response.json())
  } else {
    for await (const { body } of parts) {
      for (const piece of body.incremental ?? [body]) {
        if (piece.label) deferredAt.push(`${piece.label} ${piece.path.join('.')}`)
        sink.next({ ...piece, extensions: { is_final: !body.hasNext } })
      }
    }
  }
  sink.complete()
}

const environment = new Environment({
  network: Network.create(
    (request, variables) => Observable.create((sink) => void ask(request, variables, sink).catch(sink.error)),
    ({ id }, variables) => Observable.create((sink) => socket.subscribe({ ...named(id), variables }, sink)),
  ),
  store: new Store(new RecordSource()),
})
const query = async (request, variables = {}) => {
  environment.retain(createOperationDescriptor(request, variables)) // as a page does that shows it
  await new Promise((complete, error) => fetchQuery(environment, request, variables).subscribe({ complete, error }))
}
const mutate = (mutation, variables) =>
  new Promise((onCompleted, onError) => commitMutation(environment, { mutation, variables, onCompleted, onError }))
const record = (id) => environment.getStore().getSource().get(id)
const follow = (of, field) => record(of[field].__ref)
const left = () => record(order.offeringId).availableQuotas
const taken = () => record(order.offeringId).reservedQuotas // at once; `fundedQuotas` when they are confirmed

token = (await mutate(SignIn, credentials)).signIn.accessToken
await query(Query)
const before = left()
const promise = follow(record(order.offeringId), 'cpr')
await query(RefetchQuery, { first: 1, after: null })

const inbox = await fetchQuery(environment, Inbox, {}).toPromise()
const first = (await mutate(Invest, investment)).invest
const inStore = left()
const second = (await mutate(Invest, investment)).invest
const takenBefore = taken()
await query(OfferingRefetchQuery, { id: order.offeringId })
const told = await new Promise((resolve, onError) => {
  const { dispose } = requestSubscription(environment, {
    subscription: Tell,
    variables: { after: inbox.me.notifications.nodes[0].id },
    onNext: ({ notificationReceived }) => {
      if (notificationReceived.subjectId !== first.id) return
      dispose()
      resolve(notificationReceived.title)
    },
    onError,
  })
})
await socket.dispose()

tell({
  sent,
  deferredAt,
  promise: { crop: promise.crop, farmer: follow(promise, 'farmer').displayName },
  bought: { type: first.__typename, quotas: first.quotaCount, isSameAgain: second.id === first.id },
  takenByNode: taken() - takenBefore,
  leftInStore: [inStore - before, left() - before],
  told,
})
