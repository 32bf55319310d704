// The example of clients/web as a page has it.
import { invest, newestNotification, openOfferings } from '../../../clients/web/dist/investor.js'
import { listen } from '../../../clients/web/dist/listen.js'
import { Session } from '../../../clients/web/dist/session.js'
import { firstOf, investment, leftIn, order, tell } from './house.mjs'

const session = await Session.signIn(new URL(order.graphql).origin, order.email, order.password)
const graph = { url: order.graphql, session }
const left = async () => leftIn({ offerings: { nodes: await openOfferings(graph) } })

const before = await left()
const place = await newestNotification(graph)
const first = await invest(graph, investment.input)
const second = await invest(graph, investment.input)
const told = await firstOf(listen(graph, place), ({ subjectId }) => subjectId === first.id)

tell({
  bought: { type: first.__typename, quotas: first.quotaCount, isSameAgain: second.id === first.id },
  left: (await left()) - before,
  told: told.title,
})
