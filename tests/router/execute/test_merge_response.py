from trevo.execute.merge_response import merge_object


def merged(target: dict, source: dict) -> tuple[dict, list]:
    conflicts: list = []
    merge_object(target, source, conflicts)
    return target, conflicts


def test_objects_are_merged_member_by_member():
    assert merged({"a": {"x": 1}}, {"a": {"y": 2}, "b": 3}) == ({"a": {"x": 1, "y": 2}, "b": 3}, [])


def test_null_never_overwrites_what_is_there():
    assert merged({"a": {"x": 1}, "b": [1]}, {"a": None, "b": None}) == ({"a": {"x": 1}, "b": [1]}, [])


def test_a_value_takes_the_place_of_null():
    assert merged({"a": None}, {"a": {"x": 1}}) == ({"a": {"x": 1}}, [])


def test_null_is_kept_where_nothing_is_known():
    assert merged({}, {"a": None}) == ({"a": None}, [])


def test_lists_are_merged_item_by_item():
    target = {"users": [{"id": "1"}, None, {"id": "3"}]}
    source = {"users": [{"name": "A"}, {"name": "B"}, None]}
    assert merged(target, source) == ({"users": [{"id": "1", "name": "A"}, {"name": "B"}, {"id": "3"}]}, [])


def test_nested_lists_are_merged_by_position():
    assert merged({"m": [[{"a": 1}], []]}, {"m": [[{"b": 2}], []]}) == ({"m": [[{"a": 1, "b": 2}], []]}, [])


def test_a_longer_list_keeps_its_surplus_and_is_reported():
    assert merged({"a": [{"x": 1}]}, {"a": [{"y": 1}, {"y": 2}]}) == ({"a": [{"x": 1, "y": 1}, {"y": 2}]}, [("a",)])


def test_a_shorter_list_takes_nothing_away_and_is_reported():
    assert merged({"o": {"a": [1, 2]}}, {"o": {"a": [1]}}) == ({"o": {"a": [1, 2]}}, [("o", "a")])


def test_an_object_and_a_scalar_in_one_place_are_reported_and_the_first_stays():
    assert merged({"a": {"x": 1}}, {"a": "text"}) == ({"a": {"x": 1}}, [("a",)])
    assert merged({"a": ["text"]}, {"a": [{"x": 1}]}) == ({"a": ["text"]}, [("a", 0)])
