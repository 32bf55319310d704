/** What an investor's screens do, in a few lines each. */
import { ask, type Graph } from './ask.js'
import {
  InvestDocument,
  type InvestInput,
  type InvestMutation,
  MarketplaceDocument,
  type MarketplaceQuery,
  NotificationsDocument,
} from './graphql/graphql.js'

export type Offering = NonNullable<MarketplaceQuery['offerings']>['nodes'][number]
export type Invested = NonNullable<InvestMutation['invest']>

/** The first page of what can be invested in; what closes first comes first. */
export async function openOfferings(graph: Graph): Promise<Offering[]> {
  const { offerings } = await ask(graph, MarketplaceDocument, { filter: { status: ['OPEN'] } })
  return offerings?.nodes ?? []
}

/**
 * Buy quotas. The order has the idempotency key, made once when the person decides (`crypto.randomUUID()`) and kept
 * with what they decided until there is an answer, through a reload of the page too: the same order is one investment,
 * however often it is sent. After a refusal, whoever tries anew makes a new key.
 */
export async function invest(graph: Graph, order: InvestInput): Promise<Invested | null> {
  return (await ask(graph, InvestDocument, { input: order })).invest
}

/** The place from which `listen` goes on: the id of the newest notification, if there is one. */
export async function newestNotification(graph: Graph): Promise<string | undefined> {
  const { me } = await ask(graph, NotificationsDocument, { first: 1 })
  return me?.notifications?.nodes[0]?.id
}
