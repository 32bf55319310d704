"""What a manifest may be, and what is said of one that cannot be used."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.router.persisted.manifests import apollo, relay
from trevo.persisted.manifest import ManifestFault, hash_of, is_document_id, read_manifests

ME, NAMES = "query Me { me { id } }", "query Names { users { name } }"
BOUNDS = {"bytes_max": 10_000, "documents_max": 3, "characters_max": 100}


def read(tmp_path, *contents, **bounds):
    paths = [tmp_path / f"{number}.json" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return read_manifests(paths, **BOUNDS | bounds)


def fault_of(tmp_path, *contents, **bounds):
    with pytest.raises(ManifestFault) as caught:
        read(tmp_path, *contents, **bounds)
    return str(caught.value).removeprefix(f"{tmp_path}/")


def test_a_document_of_either_form_is_named_by_its_id_and_its_hash(tmp_path):
    manifest = read(tmp_path, apollo(Me=ME), relay({"names.v1": NAMES}))
    assert manifest.texts == {hash_of(ME): ME, "names.v1": NAMES, hash_of(NAMES): NAMES}
    assert (manifest.known, len(manifest)) == ({ME, NAMES}, 2)


def test_an_id_that_says_it_is_the_hash_must_be(tmp_path):
    assert read(tmp_path, relay({f"sha256:{hash_of(ME)}": ME})).texts == {hash_of(ME): ME}
    assert fault_of(tmp_path, relay({f"sha256:{hash_of(NAMES)}": ME})) == (
        f"0.json: the id 'sha256:{hash_of(NAMES)}' is not the SHA-256 of its document"
    )


def test_a_document_may_be_in_several_manifests(tmp_path):
    assert len(read(tmp_path, apollo(Me=ME), apollo(Me=ME), relay({"me": ME}))) == 1


@pytest.mark.parametrize(
    ("contents", "fault"),
    [
        ([relay({"a": ME}), relay({"a": NAMES})], "1.json: the id 'a' has two different documents"),
        ([relay({"a": ME}), relay({hash_of(ME): NAMES})],
         f"1.json: the id '{hash_of(ME)}' has two different documents"),
        ([b"[]"], "0.json: a manifest is a JSON object"),
        ([b'{"a": 1}'], "0.json: the document 'a' has no text"),
        ([b'{"a": " "}'], "0.json: the document 'a' has no text"),
        ([b'{"a b": "{ me { id } }"}'], "0.json: document 1 has no id that a client could send"),
        ([relay({"x" * 257: ME})], "0.json: document 1 has no id that a client could send"),
        ([relay({"a": "x" * 101})], "0.json: the document 'a' is longer than 100 characters"),
        ([relay(dict.fromkeys("abcd", ME))], "0.json: the manifests have more than 3 documents"),
        ([relay(dict.fromkeys("ab", ME)), relay(dict.fromkeys("ab", ME))],
         "1.json: the manifests have more than 3 documents"),
        ([b'{"format": "apollo-persisted-query-manifest", "version": 2, "operations": []}'],
         "0.json: its format must be 'apollo-persisted-query-manifest' and its version 1"),
        ([b'{"version": 1, "operations": []}'],
         "0.json: its format must be 'apollo-persisted-query-manifest' and its version 1"),
        ([b'{"format": "apollo-persisted-query-manifest", "version": 1}'], "0.json: its 'operations' must be a list"),
        ([b'{"format": "apollo-persisted-query-manifest", "version": 1, "operations": ["a"]}'],
         "0.json: document 1 has no id that a client could send"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_the_reason(tmp_path, contents, fault):
    assert fault_of(tmp_path, *contents) == fault


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": "\xff"}', b"[" * 5_000, b'{"a":' * 2_000])
def test_what_is_no_json_is_refused_likewise(tmp_path, content):
    assert fault_of(tmp_path, content).startswith("0.json: this is not JSON: ")


def test_no_more_is_read_than_all_of_them_may_have(tmp_path):
    contents = [relay({"a": ME}), relay({"b": NAMES})]
    total = sum(map(len, contents))
    assert len(read(tmp_path, *contents, bytes_max=total)) == 2
    assert fault_of(tmp_path, *contents, bytes_max=total - 1) == (
        f"1.json: the manifests are larger than {total - 1} bytes"
    )


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_manifests([tmp_path / "none.json"], **BOUNDS)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["format", "version", "operations", "id", "body", "a", "sha256:a"]) | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(document=JSON)
def test_any_file_is_a_manifest_or_a_fault(tmp_path_factory, document):
    path = tmp_path_factory.mktemp("manifest") / "any.json"
    path.write_bytes(orjson.dumps(document))
    try:
        manifest = read_manifests([path], **BOUNDS)
    except ManifestFault:
        return
    assert all(is_document_id(id_) and text.strip() for id_, text in manifest.texts.items())
    assert all(manifest.texts[hash_of(text)] == text for text in manifest.known)


@pytest.mark.parametrize(
    ("text", "may_be"),
    [("a", True), ("A-Z.0_9~", True), (f"sha256:{'a' * 64}", True), ("x-app:v1", True), ("a" * 256, True),
     ("", False), ("a" * 257, False), ("a/b", False), ("md5:ab", False), ("x-:a", False), ("sha256:", False),
     ("a\n", False), ("ä", False), ("a%20b", False)],
)  # fmt: skip
def test_an_id_has_the_letters_of_the_appendix(text, may_be):
    assert is_document_id(text) is may_be
