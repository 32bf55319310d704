"""
Descriptions of what several subgraphs have. A composed graph keeps one description of each element, whoever's it is,
so each is said once, here; what one domain alone has is described where it is declared.
"""

from typing import Final

ID: Final = "Opaque; the same for good, and nothing else's."
NODES: Final = "The items of this page, in the list's order."
PAGE_INFO: Final = "Whether there is more, and where it begins."

USER: Final = (
    "A registered person, or a company or cooperative, for which its representatives act (actFor). Kind, display name "
    "and profiles are for every signed-in person to see; everything else for the person and the platform's staff, and "
    "null for others."
)
CPR: Final = (
    "Cédula de Produto Rural: a producer's promise to repay. The farmer's and staff's to see; everybody's who is "
    "signed in once it is registered."
)
INSTALLMENT: Final = "One dated sum owed under a CPR: a projection until the CPR is active. Seen with its CPR."
CREDIT_REQUEST: Final = "A farmer's request for credit. The farmer's and staff's to see."
IDENTITY_CHECK: Final = "One attempt to prove an identity. Seen by its person and by staff."
AGRO_SCORE: Final = "A farmer's AgroScore: 0 to 1000, its grade, and the factors that made it."
OFFERING: Final = "A CPR open for funding in equal quotas."
INVESTMENT: Final = "Quotas that a person bought, or asked to buy. Its owner sees it."
QUOTA_POSITION: Final = "Quotas that a person came to at once, by investing or by buying. Its owner sees it."
QUOTA_OFFER: Final = "Quotas that their holder offers at a price of their own."
QUOTA_PURCHASE: Final = "Quotas that one person buys of another. Its buyer sees it, and its seller."
RENEGOTIATION: Final = (
    "New terms for what is left of a CPR that is late. The farmer's and staff's to see, and that of who held quotas "
    "when it was proposed."
)
RECEIVED_PAYMENT: Final = (
    "A payment that came for an installment, and whether something is left of it. The farmer's and staff's to see."
)
LATE_INSTALLMENT: Final = (
    "That an installment was found late; has the installment's id. The farmer's and staff's to see."
)
DEPOSIT: Final = "Money on its way into a wallet, or arrived there."
WITHDRAWAL: Final = "Money on its way to a person's bank account, or arrived there."
PAYMENT_RETURN: Final = "A payment, or a part of it, that goes back to who made it."
MONEY_CLAIM: Final = "A payment, or a part of it, that its payer's bank wants back."
PAYOUT: Final = "One investor's part of a paid installment. Its owner sees it, and staff."

WALLET: Final = "A person's money on the platform. Only they see it."
CHARGE: Final = "A Pix code or a boleto that pays one installment, or all that is left of a CPR."
DISTRIBUTION: Final = "A paid installment, split among the holders of the CPR. Holders see it, and staff."

NODE: Final = "Whatever `node` finds by its id."
ACTIVITY: Final = "Something that happened to a person: one line of their time line on the home screens."
OCCURRED_AT: Final = "When it happened: its latest step that a time line tells of."
SUMMARY: Final = "One sentence in Portuguese."

ANNUAL_RATE: Final = 'As it was signed, a fraction per year: "0.18" is 18 %. A renegotiation\'s is in `schedules`.'
TERM_MONTHS: Final = "Over how many months it was to be repaid when it was signed."
