"""The jobs of accounts."""

from functools import partial

from subgraphs.accounts.core.services import Services
from subgraphs.accounts.domain.consenting import tell_of_new_texts
from subgraphs.accounts.domain.screening import screen_again
from subgraphs.accounts.domain.telling import HEARTBEAT_SECONDS, confirm_standing
from subgraphs.accounts.domain.upkeep import forget_what_is_over
from subgraphs.shared.jobs import Job

HOUR = 3_600.0


def build_jobs(services: Services) -> list[Job]:
    return [
        Job("confirm standing", HEARTBEAT_SECONDS, partial(confirm_standing, services)),
        Job("replace old signing keys", HOUR, services.key_ring.rotate_when_old),
        Job("look people up on newer lists", HOUR, partial(screen_again, services)),
        Job("tell people of new texts", HOUR, partial(tell_of_new_texts, services)),
        Job("forget what is over", HOUR, partial(forget_what_is_over, services)),
    ]
