"""Which party stands behind a port."""

from typing import Any

import pytest
from pydantic_settings import SettingsConfigDict

from subgraphs.shared.ports import SandboxNotAskedFor, load_port
from subgraphs.shared.settings import SubgraphSettings


class BarnSettings(SubgraphSettings):
    model_config = SettingsConfigDict(env_prefix="BARN_", extra="ignore")

    smith: str = "sandbox"


def settings(monkeypatch: pytest.MonkeyPatch, *, sandboxes: str | None = "1", **named: Any) -> BarnSettings:
    if sandboxes is None:
        monkeypatch.delenv("PEERSEED_SANDBOXES")
    else:
        monkeypatch.setenv("PEERSEED_SANDBOXES", sandboxes)
    return BarnSettings(database_url="postgresql://nobody@127.0.0.1/none", **named)


def test_a_sandbox_is_made_where_sandboxes_were_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_port(settings(monkeypatch), "smith", sandbox=lambda: "made") == "made"


@pytest.mark.parametrize("sandboxes", [None, "0"])
def test_a_sandbox_that_nobody_asked_for_says_which_setting_names_the_real_party(
    monkeypatch: pytest.MonkeyPatch, sandboxes: str | None
) -> None:
    with pytest.raises(SandboxNotAskedFor) as refused:
        load_port(settings(monkeypatch, sandboxes=sandboxes), "smith", sandbox=lambda: "made")
    assert str(refused.value) == (
        "BARN_SMITH names no party, so a sandbox would stand in for it. Set BARN_SMITH to package.module:factory, "
        "or PEERSEED_SANDBOXES=1 where nothing is real."
    )


def test_another_party_is_made_by_its_factory_from_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    named = settings(monkeypatch, sandboxes=None, smith="builtins:id")
    assert load_port(named, "smith", sandbox=lambda: "made") == id(named)


@pytest.mark.parametrize("smith", ["nonsense", "", "no.such.module:make", "builtins:no_such_factory"])
def test_a_name_that_leads_nowhere_says_so_at_once(monkeypatch: pytest.MonkeyPatch, smith: str) -> None:
    with pytest.raises(ValueError, match=r"BARN_SMITH: .*(neither 'sandbox' nor|cannot be loaded)"):
        load_port(settings(monkeypatch, smith=smith), "smith", sandbox=lambda: "made")
