"""The error that a user can correct. The command line prints its message and exits with 2."""


class UserError(ValueError):
    """Invalid input, or something that the machine lacks.

    The message is one sentence that says what is wrong and what to do.
    """
