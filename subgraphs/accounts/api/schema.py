"""The accounts subgraph's schema."""

import strawberry

from subgraphs.accounts.api.mutations.act_for import ActForMutation
from subgraphs.accounts.api.mutations.appoint_representative import AppointRepresentativeMutation
from subgraphs.accounts.api.mutations.change_email import ChangeEmailMutation
from subgraphs.accounts.api.mutations.change_password import ChangePasswordMutation
from subgraphs.accounts.api.mutations.close_account import CloseAccountMutation
from subgraphs.accounts.api.mutations.confirm_contact import ConfirmContactMutation
from subgraphs.accounts.api.mutations.confirm_identity import ConfirmIdentityMutation
from subgraphs.accounts.api.mutations.confirm_totp import ConfirmTotpMutation
from subgraphs.accounts.api.mutations.decide_identity_check import DecideIdentityCheckMutation
from subgraphs.accounts.api.mutations.decide_screening_hit import DecideScreeningHitMutation
from subgraphs.accounts.api.mutations.disable_totp import DisableTotpMutation
from subgraphs.accounts.api.mutations.disown_change import DisownChangeMutation
from subgraphs.accounts.api.mutations.enable_totp import EnableTotpMutation
from subgraphs.accounts.api.mutations.end_representation import EndRepresentationMutation
from subgraphs.accounts.api.mutations.end_session import EndSessionMutation
from subgraphs.accounts.api.mutations.give_consent import GiveConsentMutation
from subgraphs.accounts.api.mutations.reactivate_user import ReactivateUserMutation
from subgraphs.accounts.api.mutations.refresh_token import RefreshTokenMutation
from subgraphs.accounts.api.mutations.register_company import RegisterCompanyMutation
from subgraphs.accounts.api.mutations.replace_recovery_codes import ReplaceRecoveryCodesMutation
from subgraphs.accounts.api.mutations.request_password_reset import RequestPasswordResetMutation
from subgraphs.accounts.api.mutations.resend_confirmation import ResendConfirmationMutation
from subgraphs.accounts.api.mutations.reset_password import ResetPasswordMutation
from subgraphs.accounts.api.mutations.settle_dead_letters import SettleDeadLettersMutation
from subgraphs.accounts.api.mutations.sign_in import SignInMutation
from subgraphs.accounts.api.mutations.sign_out import SignOutMutation
from subgraphs.accounts.api.mutations.sign_up import SignUpMutation
from subgraphs.accounts.api.mutations.submit_identity_check import SubmitIdentityCheckMutation
from subgraphs.accounts.api.mutations.suspend_user import SuspendUserMutation
from subgraphs.accounts.api.mutations.update_profile import UpdateProfileMutation
from subgraphs.accounts.api.mutations.withdraw_consent import WithdrawConsentMutation
from subgraphs.accounts.api.queries import Query
from subgraphs.accounts.api.types.identity_check import IdentityCheck
from subgraphs.accounts.api.types.user import User
from subgraphs.accounts.domain.audit import AUDIT_LOG
from subgraphs.accounts.domain.parameters import PARAMETERS
from subgraphs.shared.graphql.audit import with_audit_log
from subgraphs.shared.graphql.parameters import with_parameter_changes, with_parameters
from subgraphs.shared.graphql.schema import make_schema


@strawberry.type
class Mutation(
    SignUpMutation,
    ConfirmContactMutation,
    ResendConfirmationMutation,
    SignInMutation,
    RefreshTokenMutation,
    SignOutMutation,
    EndSessionMutation,
    ConfirmIdentityMutation,
    ChangePasswordMutation,
    RequestPasswordResetMutation,
    ResetPasswordMutation,
    DisownChangeMutation,
    EnableTotpMutation,
    ConfirmTotpMutation,
    DisableTotpMutation,
    ReplaceRecoveryCodesMutation,
    GiveConsentMutation,
    WithdrawConsentMutation,
    UpdateProfileMutation,
    ChangeEmailMutation,
    CloseAccountMutation,
    SubmitIdentityCheckMutation,
    DecideIdentityCheckMutation,
    DecideScreeningHitMutation,
    RegisterCompanyMutation,
    ActForMutation,
    AppointRepresentativeMutation,
    EndRepresentationMutation,
    SuspendUserMutation,
    ReactivateUserMutation,
    SettleDeadLettersMutation,
):
    pass


PUBLIC_FIELDS = (
    "consentTexts",
    "signUp",
    "confirmContact",
    "resendConfirmation",
    "signIn",
    "refreshToken",
    "requestPasswordReset",
    "resetPassword",
    "disownChange",
)
"""What somebody without a token may do."""

schema = make_schema(
    query=with_audit_log(with_parameters(Query, PARAMETERS), AUDIT_LOG),
    mutation=with_parameter_changes(Mutation, PARAMETERS),
    types=[User, IdentityCheck],
    public_fields=PUBLIC_FIELDS,
)
