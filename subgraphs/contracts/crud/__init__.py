"""SQL, and nothing else. `get_` must find, `find_` may not, `list_` gives many, `lock_` takes row locks in id order."""
