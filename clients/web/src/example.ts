/**
 * An investor's way, on a running product: `node dist/example.js http://127.0.0.1:4000 EMAIL PASSWORD`.
 *
 * Signs in, shows what is open, buys one quota of the first offering, and tells the notification that comes of it.
 */
import { invest, newestNotification, openOfferings } from './investor.js'
import { listen } from './listen.js'
import { Session } from './session.js'

declare const process: { argv: string[] }

const [origin, email, password] = process.argv.slice(2)
if (!origin || !email || !password) throw new Error('say where the product is, an e-mail address and a password')

const graph = { url: `${origin}/graphql`, session: await Session.signIn(origin, email, password) }
const offerings = await openOfferings(graph)
for (const { cpr, availableQuotas, expectedNetReturn } of offerings) {
  console.log(`${cpr?.crop} in ${cpr?.region}: ${availableQuotas} quotas, ${expectedNetReturn} a year expected`)
}
const [offering] = offerings
if (!offering) throw new Error('nothing is open now; `make demo` opens an offering')

const place = await newestNotification(graph)
const order = { offeringId: offering.id, quotaCount: 1, idempotencyKey: crypto.randomUUID() }
let answer = await invest(graph, order)
if (answer?.__typename === 'ConcentrationNotConfirmed') {
  console.log(answer.message) // where a person decides; who goes on has typed the phrase
  answer = await invest(graph, { ...order, confirmationPhrase: answer.phrase, idempotencyKey: crypto.randomUUID() })
}
if (answer?.__typename !== 'Investment') throw new Error(answer?.message ?? 'there is no such mutation for you')
console.log(`${answer.quotaCount} quota for ${answer.amount.amount} ${answer.amount.currency}`)

for await (const { title, subjectId } of listen(graph, place)) {
  console.log(title)
  if (subjectId === answer.id) break
}
