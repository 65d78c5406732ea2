"""The errors that are the user's to fix: one message each."""


class PlainError(Exception):
    """Printed as one message: naming the file, what is wrong, what to do.

    dbt prints a Python model's exception with traceback.format_exception; a module of 'builtins'
    and the property below leave `<class>: <message>` and nothing else on the screen.
    """

    # contextlib assigns __traceback__, so the property needs a setter, which forgets.
    __traceback__ = property(lambda self: None, lambda self, value: None)


class InputFileError(PlainError):
    """A raw file that cannot be used; `header` are its columns where a mapping could settle it."""

    header: list[str] | None = None


class MissingOutcomeError(PlainError):
    """A cutoff whose horizon is over, with customers of whom nobody knows what followed."""


class PublishError(PlainError):
    """A folder of published files that cannot be written."""


class BasketError(PlainError):
    """A basket of which nothing can be predicted."""


PLAIN_ERRORS = (InputFileError, MissingOutcomeError, PublishError, BasketError)
for error in PLAIN_ERRORS:
    error.__module__ = "builtins"
