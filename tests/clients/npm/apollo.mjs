// Apollo Client 4: documents by id, its cache, deferred fragments in both forms, subscriptions in parts, batches.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client'
import { Defer20220824Handler, GraphQL17Alpha9Handler } from '@apollo/client/incremental'
import { BatchHttpLink } from '@apollo/client/link/batch-http'
import { SetContextLink } from '@apollo/client/link/context'
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries'
import { print } from 'graphql'
import {
  credentials, idOrHash, investAndSee, investment, leftIn, notingFetch, open, order, sent, tell, textOf,
} from './house.mjs'

const HOME_IN_PARTS = gql`
  query HomeInParts {
    me {
      id
      displayName
      ... @defer(label: "money") {
        wallet {
          id
          available {
            currency
          }
        }
      }
    }
  }
`

let token = null
const uri = order.graphql
const http = new HttpLink({ uri, fetch: notingFetch })
const authorised = new SetContextLink(({ headers }) => ({
  headers: token ? { ...headers, authorization: `Bearer ${token}` } : headers,
}))
const named = new PersistedQueryLink({
  generateHash: (document) => idOrHash(document, print(document)),
  useGETForHashedQueries: true,
})
const over = (...links) => ({ link: ApolloLink.from([authorised, ...links]), cache: new InMemoryCache() })

const client = new ApolloClient(over(named, http))
const marketplace = { query: gql(textOf('Marketplace')), variables: open }
const leftInCache = () => leftIn(client.readQuery(marketplace))
const invest = async () => {
  const mutation = gql(investAndSee('Apollo'))
  return (await client.mutate({ mutation, variables: investment })).data.invest
}

token = (await client.mutate({ mutation: gql(textOf('SignIn')), variables: credentials })).data.signIn.accessToken
await client.query(marketplace)
const before = leftInCache()
const inbox = await client.query({ query: gql(textOf('Notifications')), variables: { first: 1 } })
const first = await invest()
const afterFirst = leftInCache()
const second = await invest()
const told = await new Promise((resolve, error) => {
  const after = inbox.data.me.notifications.nodes[0].id
  const events = client.subscribe({ query: gql(textOf('NotificationReceived')), variables: { after } })
  const next = (event) => {
    if (event.error) error(event.error)
    if (event.data.notificationReceived.subjectId !== first.id) return
    listening.unsubscribe()
    resolve(event.data.notificationReceived.title)
  }
  const listening = events.subscribe({ next, error })
})

const homes = []
for (const incrementalHandler of [new Defer20220824Handler(), new GraphQL17Alpha9Handler()]) {
  const deferring = new ApolloClient({ ...over(http), incrementalHandler })
  const { displayName, wallet } = (await deferring.query({ query: HOME_IN_PARTS })).data.me
  homes.push(`${displayName} ${wallet.available.currency}`)
}

const together = new ApolloClient(over(new BatchHttpLink({ uri, fetch: notingFetch, batchInterval: 20 })))
const [home, market] = await Promise.all([
  together.query({ query: gql(textOf('InvestorHome')) }),
  together.query(marketplace),
])

tell({
  sent,
  bought: { type: first.__typename, quotas: first.quotaCount, isSameAgain: second.id === first.id },
  leftInCache: [afterFirst - before, leftInCache() - before],
  told,
  homes,
  together: { who: home.data.me.displayName, left: leftIn(market.data) - before },
})
