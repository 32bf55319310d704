"""What providers have in common."""


class ProviderUnavailable(Exception):
    """The provider did not take the order. Asking again may help, and is harmless."""
