// What relay-compiler reads: the documents of a small market. It is compiled, never run.
import { graphql } from 'relay-runtime'

graphql`
  query marketQuery {
    ...market_offerings
  }
`

graphql`
  fragment market_offerings on Query
  @refetchable(queryName: "marketRefetchQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 20 }, after: { type: "String" }) {
    offerings(filter: { status: [OPEN] }, sort: CLOSING_SOON, first: $first, after: $after) {
      nodes {
        id
        availableQuotas
        ...market_offering
        ...market_promise @defer(label: "promise")
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`

graphql`
  fragment market_offering on Offering @refetchable(queryName: "marketOfferingRefetchQuery") {
    reservedQuotas
  }
`

graphql`
  fragment market_promise on Offering {
    cpr {
      crop
      farmer {
        displayName
      }
    }
  }
`

graphql`
  mutation marketSignInMutation($input: SignInInput!) {
    signIn(input: $input) {
      ... on SignedIn {
        accessToken
      }
    }
  }
`

graphql`
  mutation marketInvestMutation($input: InvestInput!) {
    invest(input: $input) {
      __typename
      ... on Investment {
        id
        quotaCount
        offering {
          availableQuotas
        }
      }
      ... on Refusal {
        code
      }
    }
  }
`

graphql`
  query marketInboxQuery {
    me {
      notifications(first: 1) {
        nodes {
          id
        }
      }
    }
  }
`

graphql`
  subscription marketTellSubscription($after: ID) {
    notificationReceived(after: $after) {
      title
      subjectId
    }
  }
`
