// What the clients' scripts share: what they are told, the documents that the product ships, what went over the wire.
import { end, manifest, order } from '#platform'

const SECONDS_MAX = 60

export { artifact, order, WebSocket } from '#platform'

export const credentials = { input: { email: order.email, password: order.password } }
export const open = { filter: { status: ['OPEN'] } }
export const investment = {
  input: {
    offeringId: order.offeringId,
    quotaCount: 2,
    confirmationPhrase: order.phrase,
    idempotencyKey: order.key,
  },
}

const shipped = new Map(manifest.operations.map((each) => [each.name, each]))

export const textOf = (name) => shipped.get(name).body
export const idOf = (name) => shipped.get(name).id

/** The name of a document: what the manifest says of its operation, or else the hash of *text*. */
export const idOrHash = async (document, text) => {
  const { name } = document.definitions.find((definition) => definition.kind === 'OperationDefinition')
  return shipped.get(name.value)?.id ?? hashOf(text)
}

async function hashOf(text) {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** A mutation of the application *name*, which nobody ships or has sent; it shows what is left of the offering. */
export const investAndSee = (name) => `mutation ${name}${order.where}Invest($input: InvestInput!) {
  invest(input: $input) {
    __typename
    ... on Investment {
      id
      quotaCount
      offering {
        id
        availableQuotas
      }
    }
    ... on Refusal {
      code
    }
  }
}`

/** What `notingFetch` has sent: how often by each method, as text or by id, and answered in parts or not. */
export const sent = {}

export async function notingFetch(target, options = {}) {
  const body = JSON.parse(options.body ?? 'null')
  const hasText = new URL(target).searchParams.has('query') || [body].flat().some((each) => each?.query)
  const together = Array.isArray(body) ? `, ${body.length} together` : ''
  const response = await fetch(target, options)
  const parts = response.headers.get('content-type').startsWith('multipart/mixed') ? ', in parts' : ''
  const what = `${options.method ?? 'GET'} ${hasText ? 'text' : 'id'}${together}${parts}`
  sent[what] = (sent[what] ?? 0) + 1
  return response
}

/** What is left of the offering, as a page of the marketplace says. */
export const leftIn = ({ offerings }) => offerings.nodes.find(({ id }) => id === order.offeringId).availableQuotas

/** The first event that *isIt*, of an iterator, which is ended then. */
export async function firstOf(iterator, isIt = () => true) {
  for await (const event of iterator) {
    if (isIt(event)) return event
  }
  throw new Error('no more events')
}

/** Say how it went, and end, whatever is still open. */
export const tell = (facts) => end(facts)

setTimeout(() => end(null, `not done after ${SECONDS_MAX} seconds`), SECONDS_MAX * 1000).unref?.()
