"""The one kind of error that a user can mend: the command line prints its sentence, status 2."""


class UserError(ValueError):
    """What was wrong with the input and what to do about it, in one sentence."""
