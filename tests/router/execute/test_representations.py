import pytest

from trevo.door import exact_json
from trevo.execute.errors import Failure, Failures
from trevo.execute.representations import Lack, collect_representations, prepare_inputs
from trevo.plan.nodes import RepresentationField, RepresentationFragment, RepresentationInput

ID = RepresentationField("id", "id", is_key=True)


def collect(objects, *inputs, failures=None):
    return collect_representations(objects, prepare_inputs(inputs), Failures() if failures is None else failures)


def book(*selections, typename=None, types=("Book",)):
    return RepresentationInput(frozenset(types), typename, selections)


def test_members_are_sent_under_their_own_names():
    input_ = book(ID, RepresentationField("price", "_requires_price"))
    collected = collect([{"__typename": "Book", "id": "1", "_requires_price": 5, "title": "t"}], input_)
    assert collected.representations == [{"__typename": "Book", "id": "1", "price": 5}]


def test_equal_objects_are_sent_once_and_all_of_them_wait():
    objects = [{"__typename": "Book", "id": i} for i in ("1", "2", "1")]
    collected = collect(objects, book(ID))
    assert [r["id"] for r in collected.representations] == ["1", "2"]
    assert [[id(n) for n in w] for w in collected.waiting] == [[id(objects[0]), id(objects[2])], [id(objects[1])]]


def test_objects_with_lists_and_objects_inside_are_compared_by_content():
    key = RepresentationField("parts", "parts", (RepresentationField("pid", "pid", is_key=True),), is_key=True)
    objects = [{"__typename": "Book", "parts": [{"pid": 1, "x": n}, None]} for n in range(2)]
    assert collect(objects, book(key)).representations == [{"__typename": "Book", "parts": [{"pid": 1}, None]}]


def test_the_runtime_type_decides_what_is_sent():
    inputs = (
        book(ID),
        RepresentationInput(frozenset({"Movie"}), None, (RepresentationField("imdb", "imdb", is_key=True),)),
    )
    objects = [{"__typename": "Movie", "imdb": "m"}, {"__typename": "Book", "id": "b"}, {"__typename": "Song"}]
    assert collect(objects, *inputs).representations == [
        {"__typename": "Movie", "imdb": "m"},
        {"__typename": "Book", "id": "b"},
    ]


def test_the_first_input_of_a_type_is_taken_and_stands_for_objects_without_a_name():
    inputs = (book(ID, typename="Media", types=("Book", "Movie")), book(RepresentationField("isbn", "isbn")))
    objects = [{"__typename": "Book", "id": "1", "isbn": "i"}, {"id": "2"}]
    assert collect(objects, *inputs).representations == [
        {"__typename": "Media", "id": "1"},
        {"__typename": "Media", "id": "2"},
    ]


def test_an_object_without_a_name_is_sent_only_if_one_type_is_possible():
    assert collect([{"id": "1"}], book(ID)).representations == [{"__typename": "Book", "id": "1"}]
    assert collect([{"id": "1"}], book(ID, types=("Book", "Movie"))).representations == []


def test_a_fragment_is_sent_only_where_the_type_fits():
    user = RepresentationField(
        "owner",
        "owner",
        (
            RepresentationField("name", "name"),
            RepresentationFragment(frozenset({"Admin"}), (RepresentationField("level", "level"),)),
        ),
    )
    objects = [
        {"__typename": "Book", "id": "1", "owner": {"__typename": "Admin", "name": "a", "level": 3}},
        {"__typename": "Book", "id": "2", "owner": {"__typename": "Guest", "name": "g", "level": 3}},
    ]
    assert collect(objects, book(ID, user)).representations == [
        {"__typename": "Book", "id": "1", "owner": {"name": "a", "level": 3}},
        {"__typename": "Book", "id": "2", "owner": {"name": "g"}},
    ]


def test_two_selections_of_one_required_field_are_sent_together():
    sizes = [RepresentationField("size", "size", (RepresentationField(name, name),)) for name in ("w", "h")]
    objects = [{"__typename": "Book", "id": "1", "size": [{"w": 1, "h": 2, "d": 3}]}]
    assert collect(objects, book(ID, *sizes)).representations == [
        {"__typename": "Book", "id": "1", "size": [{"w": 1, "h": 2}]}
    ]


def test_without_its_whole_key_an_object_is_not_sent():
    objects = [{"__typename": "Book", "id": None}, {"__typename": "Book"}, {"__typename": "Book", "id": "3"}]
    collected = collect(objects, book(ID))
    assert collected.representations == [{"__typename": "Book", "id": "3"}]
    assert collected.left_out == {Lack.KEY: objects[:2]}


def test_a_key_that_may_be_null_and_one_that_nobody_owes_are_no_errors():
    objects = [{"__typename": "Book", "id": None}, {"__typename": "Book"}, {"__typename": "Book"}]
    failures = Failures()
    failures.excuse([objects[1]], {"id": {}})
    failures.excuse([objects[2]], {"title": {}})
    nullable = RepresentationField("id", "id", is_key=True, may_be_null=True)
    assert collect(objects, book(nullable), failures=failures).left_out == {
        Lack.NOTHING: objects[:2],
        Lack.KEY: objects[2:],
    }


def test_a_required_null_is_sent_and_a_required_member_that_nobody_gave_is_left_out():
    input_ = book(ID, RepresentationField("price", "price"))
    objects = [{"__typename": "Book", "id": "1", "price": None}, {"__typename": "Book", "id": "2"}]
    assert collect(objects, input_).representations == [
        {"__typename": "Book", "id": "1", "price": None},
        {"__typename": "Book", "id": "2"},
    ]


def test_an_object_whose_required_member_failed_is_not_sent_and_named():
    input_ = book(ID, RepresentationField("price", "price"))
    objects = [{"__typename": "Book", "id": "1", "price": None}, {"__typename": "Book", "id": "2", "price": 2}]
    failures = Failures()
    failures.add(Failure("no", "NO"), [objects[0]], {"price": {}})
    collected = collect(objects, input_, failures=failures)
    assert collected.representations == [{"__typename": "Book", "id": "2", "price": 2}]
    assert collected.left_out == {Lack.FAILED: [objects[0]]}


NAME, SIZE = RepresentationField("name", "name"), RepresentationField("size", "size")


def test_two_that_lack_different_members_are_two():
    objects = [{"__typename": "Book", "id": "1", "name": 5}, {"__typename": "Book", "id": "1", "size": 5}]
    collected = collect([*objects, *objects], book(ID, SIZE, NAME))
    assert collected.representations == objects
    assert [len(waiting) for waiting in collected.waiting] == [2, 2]


def test_two_with_the_same_values_under_other_names_are_two():
    inputs = book(ID, typename="Media"), book(SIZE, typename="Media", types=("Movie",))
    objects = [{"__typename": "Book", "id": 1}, {"__typename": "Movie", "size": 1}]
    assert collect(objects, *inputs).representations == [
        {"__typename": "Media", "id": 1},
        {"__typename": "Media", "size": 1},
    ]


def test_one_that_took_a_closer_look_is_equal_to_one_that_did_not():
    objects = [{"__typename": "Book", "id": "1"}, {"id": "1"}]
    collected = collect(objects, book(ID))
    assert collected.representations == [{"__typename": "Book", "id": "1"}]
    assert len(collected.waiting[0]) == 2


@pytest.mark.parametrize("sizes", [None, [1]])
def test_beside_a_list_keys_are_equal_as_json_is(sizes):
    objects = [{"__typename": "Book", "id": each, "sizes": sizes} for each in (1, 1.0, True)]
    collected = collect(objects, book(ID, RepresentationField("sizes", "sizes", is_list=True)))
    assert [exact_json.dumps(each["id"]) for each in collected.representations] == [b"1", b"1.0", b"true"]
