"""What a process does while it loads what it is made of; `memory.settle` ends it."""

import gc
import os


def begin() -> None:
    """
    Load quickly. Called before anything large is imported, and only where this process is the product.

    What is loaded stays, so the garbage collector would find nothing in it, and looked for a sixth of a start's CPU.
    pydantic has no plugins here, and looked for some in every distribution that is installed.
    """
    gc.disable()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
