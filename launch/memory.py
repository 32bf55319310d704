"""What a process that has started does about its memory."""

import gc


def settle() -> None:
    """
    Let the garbage collector pass over what is loaded now, and come less often.

    Schemas, graphs and mappings live as long as the process; to look through them again and again took a twentieth
    of a request's CPU.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()  # which `loading.begin` has turned off
