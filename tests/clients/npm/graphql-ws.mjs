// graphql-ws: everything over one web socket, by id or as text, and with a new token when the old one is old.
import { createClient } from 'graphql-ws'
import { credentials, firstOf, idOf, investment, leftIn, open, order, tell, textOf, WebSocket } from './house.mjs'

const url = order.graphql.replace('http', 'ws')
const named = (name, variables) => ({
  query: '',
  extensions: { persistedQuery: { version: 1, sha256Hash: idOf(name) } },
  variables,
})
const ask = async (client, payload) => (await firstOf(client.iterate(payload))).data

const anonymous = createClient({ url, webSocketImpl: WebSocket })
const signIn = async () => (await ask(anonymous, named('SignIn', credentials))).signIn.accessToken
const token = await signIn()

let connections = 0
let renewed
const client = createClient({
  url,
  webSocketImpl: WebSocket,
  connectionParams: { Authorization: `Bearer ${token}` },
  lazy: false,
  on: {
    connected: (socket) => {
      connections += 1
      renewed = async (newer) => {
        const answered = new Promise((resolve) => client.on('pong', resolve))
        socket.send(JSON.stringify({ type: 'ping', payload: { Authorization: `Bearer ${newer}` } }))
        await answered
      }
    },
  },
})

const before = leftIn(await ask(client, { query: textOf('Marketplace'), variables: open }))
const inbox = await ask(client, named('Notifications', { first: 1 }))
const events = client.iterate(named('NotificationReceived', { after: inbox.me.notifications.nodes[0].id }))
const first = (await ask(client, named('Invest', investment))).invest
const second = (await ask(client, named('Invest', investment))).invest
const told = await firstOf(events, ({ data }) => data.notificationReceived.subjectId === first.id)
await renewed(await signIn())
const after = leftIn(await ask(client, named('Marketplace', open)))
const refused = await ask(client, { query: '{ nothing }' }).catch((errors) => errors[0].extensions.code)

tell({
  connections,
  bought: { type: first.__typename, quotas: first.quotaCount, isSameAgain: second.id === first.id },
  left: after - before,
  told: told.data.notificationReceived.title,
  refused,
})
