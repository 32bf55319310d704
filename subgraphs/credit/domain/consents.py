"""What a farmer agrees to before credit deals with them, and asks others about them."""

from subgraphs.shared.vocabulary import ConsentPurpose

TO_ASK_THE_BUREAU = (ConsentPurpose.CREDIT_BUREAU,)
TO_REQUEST = (ConsentPurpose.TERMS_OF_USE, *TO_ASK_THE_BUREAU)
