"""What the settings of every network have in common; without torch."""

from wnet.settings import Settings


class Architecture(Settings):
    """The settings of a network, at whatever scale it enlarges."""

    def check(self, scale: int, lr_side: int) -> None:
        """Raise ValueError if no network of this scale can be built, or if none takes such faces.

        lr_side: of the low-resolution faces, in pixels.
        """
        if lr_side < 1:
            raise ValueError(f"an LR side of {lr_side} px is none")
