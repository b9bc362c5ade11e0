"""The common base of the settings of all networks. Imports no torch."""

from wnet.settings import Settings

LARGEST_TRIED = 512  # LR side, in pixels; allows for six halvings and windows of 8 px


class Architecture(Settings):
    """The settings of a network, which do not include its scale."""

    def check(self, scale: int, lr_side: int) -> None:
        """Raise ValueError if a network of this scale cannot be built or refuses such faces.

        lr_side: of the low-resolution faces, in pixels.
        """
        if lr_side < 1:
            raise ValueError(f"an LR side of {lr_side} px is not valid")

    def lr_sides(self, scale: int) -> tuple[int, int]:
        """The smallest LR side that `check` accepts, and the step to the next one, in px.

        Raises ValueError if the accepted sides are not evenly spaced.
        """
        possible = [side for side in range(1, LARGEST_TRIED + 1) if self._passes(scale, side)]
        if len(possible) < 2:
            self.check(scale, LARGEST_TRIED)
            raise ValueError(f"no two LR sides up to {LARGEST_TRIED} px can enter the network")
        smallest, step = possible[0], possible[1] - possible[0]
        if smallest % step or possible != list(range(smallest, LARGEST_TRIED + 1, step)):
            raise ValueError(f"the LR sides that can enter have no step: {possible[:4]}, ...")
        return smallest, step

    def _passes(self, scale: int, lr_side: int) -> bool:
        try:
            self.check(scale, lr_side)
        except ValueError:
            return False
        return True
