"""Why bytes are no photograph."""


class UnreadableImage(Exception):
    """Bytes that are no photograph; the message is the decoder's word."""


class OversizedImage(UnreadableImage):
    """A photograph that is more than allowed, by what it declares or takes."""


class NoDecoder(UnreadableImage):
    """A picture of a kind that nothing here reads; the message says what does."""
