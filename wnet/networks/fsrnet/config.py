"""FSRNet: its name and its settings."""

from typing import Annotated, Literal

from pydantic import Field

from wnet.networks.architecture import Architecture
from wnet.settings import Channels, Few

TITLE = "FSRNet"
ADVERSARIAL_TITLE = "FSRGAN"

PRIOR_CLASSES = (1, 2, 3, 4, 5, 7, 8, 10, 11, 12, 13)
"""BiSeNet's ids that have a prior map: skin, brows, eyes, ears, nose, mouth and lips."""
MAPS = {"parsing": len(PRIOR_CLASSES), "landmarks": 68, "both": len(PRIOR_CLASSES) + 68}


class Config(Architecture):
    """FSRNet's widths, blocks and priors, and the width of FSRGAN's discriminator."""

    width: Channels
    """Channels of the coarse network, the encoder and the decoder."""
    prior_width: Annotated[int, Field(ge=2, le=1024, multiple_of=2)]
    """Channels of the prior network; its units use half of them internally."""
    coarse_blocks: Few
    """Residual blocks of the coarse network."""
    encoder_blocks: Few
    """Residual blocks of the encoder, at half the HR size."""
    prior_blocks: Few
    """Residual blocks of the prior network, before its hourglasses."""
    hourglasses: Few
    """Hourglasses of the prior network, one after the other."""
    hourglass_depth: Annotated[int, Field(ge=1, le=6)]
    """Halvings inside an hourglass."""
    decoder_blocks: Few
    """Residual blocks of the decoder, at the HR size."""
    priors: Literal["parsing", "landmarks", "both"]
    """What the prior network estimates: 11 parsing classes, 68 landmarks, or both."""
    deconvolution: Literal[3, 4]
    """Kernel size of the transposed convolution that doubles the size: 3 in the authors' code, 4 in
    the paper."""
    discriminator_width: Annotated[int, Field(ge=1, le=128)]
    """Channels of the discriminator's first convolutions; each of three more pairs doubles them."""

    def check(self, scale: int, lr_side: int) -> None:
        """As in Architecture; also raises ValueError for HR faces that cannot be halved enough."""
        super().check(scale, lr_side)
        side, multiple = scale * lr_side, 2 ** (1 + self.hourglass_depth)
        if side % multiple:
            raise ValueError(
                f"an HR side of {side} px is no multiple of {multiple}: FSRNet halves it once, and"
                f" hourglass_depth = {self.hourglass_depth} times more"
            )
