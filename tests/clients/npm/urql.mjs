// urql: Graphcache, which knows the schema, and the exchanges for persisted documents and for subscriptions.
import { Client, fetchExchange, subscriptionExchange } from '@urql/core'
import { cacheExchange } from '@urql/exchange-graphcache'
import { persistedExchange } from '@urql/exchange-persisted'
import { getIntrospectionQuery } from 'graphql'
import { createClient } from 'graphql-ws'
import {
  credentials, idOrHash, investAndSee, investment, leftIn, notingFetch, open, order, sent, tell, textOf,
  WebSocket,
} from './house.mjs'

const asked = await fetch(order.graphql, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query: getIntrospectionQuery() }),
})
const schema = (await asked.json()).data
const withoutId = schema.__schema.types.filter(({ fields }) => fields?.every(({ name }) => name !== 'id'))

let token = null
const authorization = () => ({ authorization: `Bearer ${token}` })
const socket = createClient({
  url: order.graphql.replace('http', 'ws'),
  webSocketImpl: WebSocket,
  connectionParams: authorization,
})
const client = new Client({
  url: order.graphql,
  fetch: notingFetch,
  fetchOptions: () => (token ? { headers: authorization() } : {}),
  exchanges: [
    cacheExchange({ schema, keys: Object.fromEntries(withoutId.map(({ name }) => [name, () => null])) }),
    persistedExchange({
      enableForMutation: true,
      enableForSubscriptions: true,
      generateHash: async (text, document) => idOrHash(document, text),
    }),
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: (request) => ({
        subscribe: (sink) => ({ unsubscribe: socket.subscribe({ ...request, query: request.query ?? '' }, sink) }),
      }),
    }),
  ],
})

const leftInCache = () => leftIn(client.readQuery(textOf('Marketplace'), open).data)
const ask = async (text, variables) => {
  const { data, error } = await client.query(text, variables)
  if (error) throw error
  return data
}
const invest = async () => (await client.mutation(investAndSee('Urql'), investment)).data.invest

token = (await client.mutation(textOf('SignIn'), credentials)).data.signIn.accessToken
await ask(textOf('Marketplace'), open)
const before = leftInCache()
const inbox = await ask(textOf('Notifications'), { first: 1 })
const first = await invest()
const afterFirst = leftInCache()
const second = await invest()
const told = await new Promise((resolve, reject) => {
  const after = inbox.me.notifications.nodes[0].id
  client.subscription(textOf('NotificationReceived'), { after }).subscribe(({ data, error }) => {
    if (error) reject(error)
    else if (data.notificationReceived.subjectId === first.id) resolve(data.notificationReceived.title)
  })
})
const inParts = '{ me { id displayName ... @defer { wallet { id available { currency } } } } }'
const home = await ask(`query HomeInParts${order.where} ${inParts}`, {})

tell({
  sent,
  bought: { type: first.__typename, quotas: first.quotaCount, isSameAgain: second.id === first.id },
  leftInCache: [afterFirst - before, leftInCache() - before],
  told,
  home: `${home.me.displayName} ${home.me.wallet.available.currency}`,
})
