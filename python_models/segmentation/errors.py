"""The one kind of error that is the user's to mend."""


class InputFileError(Exception):
    """A raw file that cannot be used: one message, naming the file, what is wrong, what to do.

    dbt prints a Python model's exception with traceback.format_exception; the two oddities below
    leave `InputFileError: <message>` and nothing else on the screen.
    """

    # contextlib assigns __traceback__, so the property needs a setter, which forgets.
    __traceback__ = property(lambda self: None, lambda self, value: None)


InputFileError.__module__ = "builtins"
