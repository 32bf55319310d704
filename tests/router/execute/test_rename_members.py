from trevo.execute.rename_members import rename_members, rename_path
from trevo.plan.nodes import Each, Key, OnTypes, Rename

RENAME = Rename((Key("pets"), Each(), OnTypes(frozenset({"Dog"}))), "_dog_name", "name")


def test_members_get_the_names_the_client_knows():
    data = {"pets": [{"__typename": "Dog", "_dog_name": "Rex"}, {"__typename": "Cat", "name": "Tom"}]}
    rename_members(data, (RENAME,))
    assert data == {"pets": [{"__typename": "Dog", "name": "Rex"}, {"__typename": "Cat", "name": "Tom"}]}


def test_a_null_under_an_alias_does_not_replace_what_stands_under_the_name():
    data = {"pets": [{"__typename": "Dog", "_dog_name": None, "name": "Rex"}]}
    rename_members(data, (RENAME,))
    assert data == {"pets": [{"__typename": "Dog", "name": "Rex"}]}


def test_an_object_under_an_alias_adds_to_the_one_under_the_name():
    data = {"pets": [{"__typename": "Dog", "_dog_name": {"last": "Rex"}, "name": {"first": "T."}}]}
    rename_members(data, (RENAME,))
    assert data == {"pets": [{"__typename": "Dog", "name": {"first": "T.", "last": "Rex"}}]}


def test_paths_of_errors_lose_the_alias_too():
    assert rename_path(("pets", 3, "_dog_name", "first"), (RENAME,)) == ("pets", 3, "name", "first")


def test_other_paths_stay():
    for path in (("pets", 3, "name"), ("owners", 3, "_dog_name"), ("_dog_name",), ("pets",), ("pets", 3)):
        assert rename_path(path, (RENAME,)) == path


def test_a_rename_at_the_root_of_an_entity():
    rename = Rename((), "_id", "id")
    assert rename_path(("_id",), (rename,)) == ("id",)
