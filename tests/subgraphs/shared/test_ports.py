"""Which party stands behind a port."""

import pytest

from subgraphs.shared.ports import load_port


def test_the_sandbox_is_made_when_it_is_named() -> None:
    assert load_port("sandbox", None, sandbox=lambda: "made") == "made"


def test_another_party_is_made_by_its_factory_from_the_settings() -> None:
    assert load_port("builtins:str", 12, sandbox=lambda: "made") == "12"


@pytest.mark.parametrize("named", ["nonsense", "", "no.such.module:make", "builtins:no_such_factory"])
def test_a_name_that_leads_nowhere_says_so_at_once(named: str) -> None:
    with pytest.raises(ValueError, match=r"neither 'sandbox' nor|cannot be loaded"):
        load_port(named, None, sandbox=lambda: "made")
