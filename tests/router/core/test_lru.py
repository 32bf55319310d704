from router.core.lru import LruCache


def test_the_least_recently_used_goes_first():
    cache = LruCache(entries_max=2, weight_max=100)
    cache.put("a", 1, weight=1)
    cache.put("b", 2, weight=1)
    assert cache.get("a") == 1
    cache.put("c", 3, weight=1)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (1, None, 3)


def test_heavy_entries_push_out_many_light_ones():
    cache = LruCache(entries_max=100, weight_max=10)
    for name in "abcde":
        cache.put(name, name, weight=2)
    cache.put("heavy", "h", weight=7)
    assert [cache.get(name) for name in "abcde"] == [None, None, None, None, "e"]
    assert (len(cache), cache.weight) == (2, 9)


def test_what_is_heavier_than_the_whole_cache_is_not_kept():
    cache = LruCache(entries_max=2, weight_max=10)
    cache.put("a", 1, weight=5)
    cache.put("b", 2, weight=11)
    assert (cache.get("a"), cache.get("b")) == (1, None)


def test_an_entry_put_again_counts_once():
    cache = LruCache(entries_max=2, weight_max=10)
    cache.put("a", 1, weight=5)
    cache.put("a", 2, weight=3)
    assert (cache.get("a"), len(cache), cache.weight) == (2, 1, 3)
