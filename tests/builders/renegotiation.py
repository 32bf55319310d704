"""What staff, farmer and holders send to renegotiate a CPR."""

PROPOSE = """mutation Propose($input: ProposeRenegotiationInput!) { proposeRenegotiation(input: $input) {
  __typename ... on Renegotiation { id principal { amount } } ... on Refusal { code message } } }"""

ANSWER = """mutation Answer($input: AnswerRenegotiationInput!) { answerRenegotiation(input: $input) {
  __typename ... on Renegotiation { id status } ... on Refusal { code message } } }"""

VOTE = """mutation Vote($input: VoteOnRenegotiationInput!) { voteOnRenegotiation(input: $input) {
  __typename ... on Renegotiation { id status } ... on Refusal { code message } } }"""
