// graphql-request, the plainest: no cache, and documents by id only where a middleware says so.
import { ClientError, GraphQLClient } from 'graphql-request'
import { credentials, idOf, investment, leftIn, notingFetch, open, order, sent, tell, textOf } from './house.mjs'

const byId = (request) => {
  const { variables } = JSON.parse(request.body)
  return { ...request, body: JSON.stringify({ documentId: `sha256:${idOf(request.operationName)}`, variables }) }
}
const anonymous = new GraphQLClient(order.graphql, { fetch: notingFetch, requestMiddleware: byId })
const { accessToken } = (await anonymous.request(textOf('SignIn'), credentials)).signIn

const headers = { authorization: `Bearer ${accessToken}` }
const client = new GraphQLClient(order.graphql, { fetch: notingFetch, headers })
const naming = new GraphQLClient(order.graphql, { fetch: notingFetch, headers, requestMiddleware: byId })
const getting = new GraphQLClient(order.graphql, { fetch: notingFetch, headers, method: 'GET' })

const before = leftIn(await naming.request(textOf('Marketplace'), open))
const first = (await naming.request(textOf('Invest'), investment)).invest
const second = (await naming.request(textOf('Invest'), investment)).invest
const after = leftIn(await getting.request(textOf('Marketplace'), open))
const [market, home] = await client.batchRequests([
  { document: textOf('Marketplace'), variables: open },
  { document: textOf('InvestorHome') },
])
const refused = await getting.request('{ nothing }').catch((error) => error)
if (!(refused instanceof ClientError)) throw refused

tell({
  sent,
  bought: { type: first.__typename, quotas: first.quotaCount, isSameAgain: second.id === first.id },
  left: after - before,
  together: { who: home.data.me.displayName, left: leftIn(market.data) - before },
  refused: [refused.response.status, refused.response.errors[0].extensions.code],
})
