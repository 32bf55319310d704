// graphql-sse: each operation a stream of events; what happened while nobody listened is told first.
import { createClient } from 'graphql-sse'
import { credentials, firstOf, investment, leftIn, open, order, tell, textOf } from './house.mjs'

let token = null
const client = createClient({
  url: order.graphql,
  headers: () => (token ? { authorization: `Bearer ${token}` } : {}),
})
const events = (name, variables) => client.iterate({ query: textOf(name), variables })
const ask = async (name, variables) => (await firstOf(events(name, variables))).data

token = (await ask('SignIn', credentials)).signIn.accessToken
const before = leftIn(await ask('Marketplace', open))
const after = (await ask('Notifications', { first: 1 })).me.notifications.nodes[0].id
const first = (await ask('Invest', investment)).invest
const second = (await ask('Invest', investment)).invest
const listen = async () => {
  const isOurs = ({ data }) => data.notificationReceived.subjectId === first.id
  return (await firstOf(events('NotificationReceived', { after }), isOurs)).data.notificationReceived
}
const told = await listen()
const toldAgain = await listen()

tell({
  bought: { type: first.__typename, quotas: first.quotaCount, isSameAgain: second.id === first.id },
  left: leftIn(await ask('Marketplace', open)) - before,
  told: told.title,
  isToldAgain: toldAgain.id === told.id,
})
