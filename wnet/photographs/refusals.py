"""Exceptions for bytes that cannot be used as a photograph."""


class UnreadableImage(Exception):
    """The bytes are not a readable photograph; the message is the decoder's."""


class OversizedImage(UnreadableImage):
    """The photograph exceeds a limit, by its declared or its real size."""


class NoDecoder(UnreadableImage):
    """The picture has a format that nothing installed reads; the message names what does."""
