"""SQL, and nothing else. `get_` must find, `find_` may not, `list_` finds any number, `lock_` takes row locks."""
