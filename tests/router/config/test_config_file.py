"""Settings from a file: what wins, what it takes from the environment, and what is said where it is wrong."""

import json
import os
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from pydantic import SecretStr

from trevo.__main__ import main
from trevo.config.config_file import ConfigFault, read_config
from trevo.config.describe_config import config_schema, config_with_everything
from trevo.config.load_settings import load_settings
from trevo.config.settings import Settings

EXAMPLES = Path(__file__).resolve().parents[3] / "router" / "examples"
SUPERGRAPH = Path(__file__).resolve().parents[3] / "schema" / "supergraph.graphql"


@pytest.fixture
def config(tmp_path, monkeypatch):
    """Writes a file, and is where it lies."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("ROUTER_"):
            monkeypatch.delenv(name)

    def write(text):
        path = Path("trevo.yaml")
        path.write_text(text, encoding="utf-8")
        return path

    return write


def fault_of(path):
    with pytest.raises(ConfigFault) as caught:
        load_settings(path)
    return str(caught.value)


def test_a_file_sets_what_variables_would(config):
    path = config(
        "port: 4100\nlimits:\n  depth_max: 7\ntrusted_networks: [10.0.0.0/8]\ncors_origins:\n  - https://a.test\n"
    )
    settings = load_settings(path)
    assert (settings.port, settings.limits.depth_max, settings.limits.aliases_max) == (4100, 7, 200)
    assert (str(settings.trusted_networks[0]), settings.cors_origins) == ("10.0.0.0/8", ("https://a.test",))


def test_an_empty_file_sets_nothing(config):
    assert load_settings(config("# nothing\n")).model_dump() == Settings().model_dump()


def test_variables_win_over_the_file_and_the_caller_over_both(config, monkeypatch):
    path = config("port: 4100\nhost: 1.1.1.1\nlimits:\n  depth_max: 7\n  aliases_max: 8\n")
    monkeypatch.setenv("ROUTER_HOST", "2.2.2.2")
    monkeypatch.setenv("ROUTER_PORT", "4200")
    monkeypatch.setenv("ROUTER_LIMITS__DEPTH_MAX", "9")
    settings = load_settings(path, port=4300)
    assert (settings.host, settings.port) == ("2.2.2.2", 4300)
    assert (settings.limits.depth_max, settings.limits.aliases_max) == (9, 8)


def test_a_variable_names_the_file(config, monkeypatch):
    monkeypatch.setenv("ROUTER_CONFIG", str(config("port: 4100\n")))
    assert load_settings().port == 4100


def test_values_are_taken_from_the_environment(config, monkeypatch):
    monkeypatch.setenv("PORT_OF_TEST", "4100")
    monkeypatch.setenv("KEY_OF_TEST", "s3cret: '#'")
    monkeypatch.setenv("EMPTY_OF_TEST", "")
    settings = load_settings(
        config(
            "port: ${PORT_OF_TEST}\n"
            "host: ${NOTHING_OF_TEST:-127.0.0.2}\n"
            "metrics_host: ${EMPTY_OF_TEST:-127.0.0.3}\n"
            "issuer: https://${NOTHING_OF_TEST:-login}.test/$${name}\n"
            "headers:\n  all:\n    - {insert: x-key, value: '${KEY_OF_TEST}'}\n"
        )
    )
    assert (settings.port, settings.host, settings.metrics_host) == (4100, "127.0.0.2", "127.0.0.3")
    assert settings.issuer == "https://login.test/${name}"
    assert settings.headers.all[0].value == SecretStr("s3cret: '#'")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("port: 1\nissuer: ${NOTHING_OF_TEST}\n", "trevo.yaml, line 2: the environment has no NOTHING_OF_TEST"),
        ("issuer: ${}\n", "trevo.yaml, line 1: a reference is written ${NAME} or ${NAME:-default}"),
        ("issuer: ${NOTHING\n", "trevo.yaml, line 1: a reference is written ${NAME} or ${NAME:-default}"),
        ("issuer: ${NOTHING-x}\n", "trevo.yaml, line 1: a reference is written ${NAME} or ${NAME:-default}"),
        ("port: 1\nport: 2\n", "trevo.yaml, line 2: 'port' is given twice"),
        ("- port\n", "trevo.yaml: the file must be a map of settings, 'port: 4000'"),
        ("port: [1\n", "trevo.yaml, line 2: this is not YAML: expected ',' or ']', but got '<stream end>'"),
        ("? [a]\n: 1\n", "trevo.yaml, line 1: a key must be a plain name"),
        ("a: &a\n  b: *a\n", "trevo.yaml, line 1: more than 20 levels"),
        ("port: !!python/object/apply:os.getcwd []\n", "trevo.yaml, line 1: port: Input should be a valid integer"),
    ],
)
def test_what_is_no_such_file_is_told_with_its_line(config, text, fault):
    assert fault_of(config(text)) == fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("prot: 1\n", "trevo.yaml, line 1: prot: there is no such setting; did you mean 'port'?"),
        (
            "limits:\n  depth_max: 3\n  depht_max: 4\n",
            "trevo.yaml, line 3: limits.depht_max: there is no such setting; did you mean 'limits.depth_max'?",
        ),
        ("depth_max: 4\n", "trevo.yaml, line 1: depth_max: there is no such setting; did you mean 'limits.depth_max'?"),
        (
            "limits:\n  subgraphs:\n    wallet:\n      second_max: 4\n",
            (
                "trevo.yaml, line 4: limits.subgraphs.wallet.second_max: there is no such setting"
                "; did you mean 'limits.subgraphs.wallet.seconds_max'?"
            ),
        ),
        (
            "headers:\n  all:\n    - remove: via\n    - removes: via\n",
            "trevo.yaml, line 4: headers.all.1.removes: there is no such setting; did you mean 'headers.all.1.remove'?",
        ),
        (
            "graphiql:\n  folder: x\n  titel: y\n",
            "trevo.yaml, line 3: graphiql.titel: there is no such setting; did you mean 'graphiql.title'?",
        ),
        ("whatever_this_is: 4\n", "trevo.yaml, line 1: whatever_this_is: there is no such setting"),
        ("\nport: 70000\n", "trevo.yaml, line 2: port: Input should be less than or equal to 65535"),
        (
            "rates:\n  person: often\n",
            (
                "trevo.yaml, line 2: rates.person: 'often' is no rate; write '600/minute burst 100' "
                "(units: second, minute, hour, day)"
            ),
        ),
    ],
)
def test_a_setting_that_is_none_or_cannot_be_is_told_with_its_place(config, text, fault):
    assert fault_of(config(text)) == fault


def test_all_faults_are_told_at_once_and_no_value(config):
    rule = "{insert: x-key, value: hunter2, vlaue: hunter2}"
    text = f"prot: 1\nlimits:\n  depth_max: hunter2\nheaders:\n  all:\n    - {rule}\n"
    fault = fault_of(config(text))
    assert sorted(line.partition(": ")[0] for line in fault.splitlines()) == [
        "trevo.yaml, line 1", "trevo.yaml, line 3", "trevo.yaml, line 6"
    ]  # fmt: skip
    assert "hunter2" not in fault


def test_a_fault_of_the_environment_is_told_with_the_variable(config, monkeypatch):
    path = config("limits:\n  depth_max: 4\n")
    monkeypatch.setenv("ROUTER_LIMITS__DEPTH_MAX", "none")
    monkeypatch.setenv("ROUTER_LIMITS__DEPHT_MAX", "4")
    first, second = fault_of(path).splitlines()
    assert first.startswith("ROUTER_LIMITS__DEPTH_MAX: limits.depth_max: Input should be a valid integer")
    assert second == (
        "ROUTER_LIMITS__DEPHT_MAX: limits.depht_max: there is no such setting; did you mean 'limits.depth_max'?"
    )


def test_an_embedder_reads_no_secret_in_an_error(monkeypatch):
    monkeypatch.setenv("ROUTER_HEADERS__ALL", '[{"insert": "x-key", "value": "hunter2", "extra": "hunter2"}]')
    with pytest.raises(ValueError, match="headers") as caught:
        Settings()
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_not_there(config):
    config("")
    with pytest.raises(OSError, match="nowhere"):
        load_settings(Path("nowhere.yaml"))


def test_the_file_with_every_setting_is_as_the_code_says_and_changes_nothing(config):
    text = config_with_everything()
    assert (EXAMPLES / "all-settings.yaml").read_text(encoding="utf-8") == text, "trevo settings --yaml"
    assert load_settings(config(text)).model_dump() == Settings().model_dump()


def test_the_example_is_loaded(config, monkeypatch):
    monkeypatch.setenv("ORDERS_API_KEY", "k")
    settings = load_settings(config((EXAMPLES / "trevo.yaml").read_text(encoding="utf-8")))
    assert settings.limits.seconds_of("orders") == 5
    assert [rule.propagate for rule in settings.headers.for_subgraph("orders")] == ["x-tenant", None, None]
    assert settings.rates.store_url == SecretStr("redis://rates:6379/0")


def test_the_example_wants_its_secrets(config):
    fault = fault_of(config((EXAMPLES / "trevo.yaml").read_text(encoding="utf-8")))
    assert fault.endswith("the environment has no ORDERS_API_KEY")


@pytest.mark.parametrize("name", ["trevo.yaml", "all-settings.yaml"])
def test_the_examples_keep_the_schema(name):
    document = yaml.safe_load((EXAMPLES / name).read_text(encoding="utf-8"))
    Draft202012Validator(config_schema()).validate(document)


@pytest.mark.parametrize(
    ("document", "is_valid"),
    [
        ({"port": 4000}, True),
        ({"port": "${PORT}"}, True),
        ({"port": "4000"}, False),
        ({"port": 70_000}, False),
        ({"prot": 1}, False),
        ({"limits": {"depht_max": 1}}, False),
        ({"introspection": "${INTROSPECTION:-true}"}, True),
        ({"headers": {"all": [{"propagate": "x-a"}]}}, True),
        ({"headers": {"all": [{"propagates": "x-a"}]}}, False),
    ],
)
def test_the_schema_takes_what_the_file_takes(document, is_valid):
    assert Draft202012Validator(config_schema()).is_valid(document) is is_valid


def test_the_lines_of_a_file_are_known(config):
    file = read_config(config("limits:\n  depth_max: 1\nheaders:\n  all:\n    - remove: via\n"), {})
    assert file.line_of(("limits", "depth_max")) == 2
    assert file.line_of(("headers", "all", 0, "remove")) == 5
    assert file.line_of(("headers", "all", 0, "rename")) == 5
    assert read_config(config(""), {}).line_of(("port",)) is None


def test_check_looks_at_the_file(config, capsys, monkeypatch):
    path = config("subgraph_urls: {acounts: 'http://x.test', wallet: 'http://w.test'}\n")
    monkeypatch.setenv("ROUTER_PROT", "4000")
    assert main(["check", "--config", str(path)]) == 0
    assert capsys.readouterr().out == (
        "The settings can be used; no supergraph was named.\n"
        "Note: ROUTER_PROT is no setting; did you mean ROUTER_PORT?\n"
    )
    assert main(["check", "--config", str(path), "--supergraph", str(SUPERGRAPH)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "  wallet  http://w.test" in lines
    assert lines[-1] == (
        "Note: subgraph_urls speaks of 'acounts', which the supergraph does not have; did you mean 'accounts'?"
    )
    assert main(["check", "--config", str(config("prot: 1\n"))]) == 1
    assert capsys.readouterr().err == (
        "This cannot be served: trevo.yaml, line 1: prot: there is no such setting; did you mean 'port'?\n"
    )
    assert main(["check", "--config", str(config(f"supergraph_path: {SUPERGRAPH}\n"))]) == 0
    assert capsys.readouterr().out.startswith("It can be served: 7 subgraphs.\n")


def test_check_reads_the_manifests_and_names_what_the_graph_does_not_answer(config, capsys, tmp_path):
    manifest = tmp_path / "manifest.json"
    path = config(f"persisted_documents: {{mode: allow, manifests: [{manifest}]}}")
    manifest.write_text('{"a": "{ me { id } }", "b": "{ absent }"}')
    assert main(["check", "--config", str(path), "--supergraph", str(SUPERGRAPH)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "The manifests have 2 documents." in lines
    assert lines[-1] == (
        "Note: the graph does not answer the document "
        "06f7486153bb8ccaacf88c200b856afb31edd1b0b090bfd035165dfcfab1642b: Cannot query field 'absent' on type 'Query'."
    )
    manifest.write_text("[]")
    assert main(["check", "--config", str(path)]) == 1
    assert capsys.readouterr().err == f"This cannot be served: {manifest}: a manifest is a JSON object\n"


def test_serve_reads_the_file(config, capsys):
    assert main(["serve", "--config", str(config("prot: 1\n"))]) == 1
    assert "did you mean 'port'?" in capsys.readouterr().err


def test_the_schema_and_the_whole_file_can_be_printed(capsys):
    assert main(["settings", "--json-schema"]) == 0
    assert json.loads(capsys.readouterr().out) == config_schema()
    assert main(["settings", "--yaml"]) == 0
    assert capsys.readouterr().out == config_with_everything()
