"""Why a command cannot do what it was asked."""


class Failure(Exception):
    """The message says in one line what is wrong and, where there is something, what to do about it."""
