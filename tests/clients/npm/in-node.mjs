// What the clients' scripts have of Node.
import { readFileSync } from 'node:fs'

export { default as WebSocket } from 'ws'

/** { graphql, email, password, offeringId, phrase, key, where, relay }: where the product is, who asks, what is bought. */
export const order = JSON.parse(readFileSync(0, 'utf8'))

export const manifest = JSON.parse(readFileSync(new URL('../../../schema/persisted/apollo.json', import.meta.url), 'utf8'))

/** What relay-compiler has made of the document *name*. */
export const artifact = async (name) => (await import(`${order.relay}/artifacts/${name}.graphql.js`)).default

export function end(facts, failure) {
  if (failure) console.error(failure)
  process.stdout.write(JSON.stringify(facts), () => process.exit(failure ? 1 : 0))
}
