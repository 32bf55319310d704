// The example of clients/web on a bad network: an answer that is lost, streams that are cut and fall silent, a token that
// runs out.
import { connect, createServer } from 'node:net'
import { idOf, investment, order, tell } from './house.mjs'

const built = (name) => import(new URL(`../../../clients/web/dist/${name}.js`, import.meta.url))
const [{ ask }, { InvestorHomeDocument }, { invest, newestNotification, openOfferings }, { listen }, { Session }] =
  await Promise.all(['ask', 'graphql/graphql', 'investor', 'listen', 'session'].map(built))

/** What stands between the example and the product. */
const network = { isDown: false, isSilent: false, losesNextAnswer: false, lost: 0, connections: new Set() }
const product = new URL(order.graphql)
const between = createServer((client) => {
  if (network.isDown) return void client.destroy()
  const server = connect(product.port, product.hostname)
  const end = () => {
    network.connections.delete(end)
    client.destroy()
    server.destroy()
  }
  network.connections.add(end)
  for (const socket of [client, server]) socket.on('close', end).on('error', end)
  client.on('data', (bytes) => server.write(bytes))
  server.on('data', (bytes) => {
    if (network.isSilent) return
    if (!network.losesNextAnswer) return client.write(bytes)
    network.losesNextAnswer = false
    network.lost += 1
    end()
  })
})
await new Promise((resolve) => between.listen(0, '127.0.0.1', resolve))
const origin = `http://127.0.0.1:${between.address().port}`

const names = new Map(['InvestorHome', 'Marketplace', 'Notifications', 'Invest'].map((name) => [idOf(name), name]))
const sent = {}
const fetchOfThePlatform = globalThis.fetch
globalThis.fetch = (target, options = {}) => {
  const { origin: to, pathname } = new URL(target)
  const named = pathname.startsWith('/graphql/') ? pathname.slice('/graphql/'.length) : idIn(options.body)
  const what = `${options.method ?? 'GET'} ${names.get(named) ?? pathname}`
  if (to === origin) sent[what] = (sent[what] ?? 0) + 1
  return fetchOfThePlatform(target, options)
}
const idIn = (body) => (typeof body === 'string' ? JSON.parse(body).documentId : undefined)

const session = await Session.signIn(origin, order.email, order.password)
const graph = { url: `${origin}/graphql`, session }
const aside = { url: order.graphql, session } // of another device, whose network is good
const left = async () => (await openOfferings(graph)).find(({ id }) => id === order.offeringId).availableQuotas

const home = await ask(graph, InvestorHomeDocument, {})
const before = await left()
const place = await newestNotification(graph)
network.losesNextAnswer = true
const first = await invest(graph, investment.input)
const again = await invest(graph, investment.input)
const leftAfter = await left()

const until = async (events, about) => {
  for (;;) {
    const { value } = await events.next()
    if (value.subjectId === about.id) return value
  }
}
const heard = listen(graph, place)
const told = await until(heard, first)
network.isDown = true
for (const end of [...network.connections]) end()
const second = await invest(aside, { ...investment.input, idempotencyKey: `${order.key}-2` })
const toldAside = await until(listen(aside, told.id), second)
network.isDown = false
const toldAfterCut = await until(heard, second)
await heard.return()

const impatient = listen(graph, toldAfterCut.id, 1_000)
const expected = impatient.next()
network.isSilent = true
const third = await invest(aside, { ...investment.input, idempotencyKey: `${order.key}-3` })
await until(listen(aside, toldAside.id), third)
network.isSilent = false
const toldAfterSilence = (await expected).value
await impatient.return()

const now = Date.now
Date.now = () => now() + 3_600_000 // the token has run out
await Promise.all([openOfferings(graph), newestNotification(graph)])

tell({
  who: home.me.displayName,
  sent: Object.fromEntries(Object.entries(sent).filter(([what]) => what !== 'POST /graphql')), // as often as it took
  lostAnswers: network.lost,
  bought: { type: first.__typename, quotas: first.quotaCount, isSameAgain: again.id === first.id },
  left: leftAfter - before,
  told: [told.title, toldAfterCut.title, toldAfterSilence.title],
  isWhatOthersWereTold: [toldAfterCut.id === toldAside.id, toldAfterSilence.subjectId === third.id],
})
