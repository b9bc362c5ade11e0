"""The sections of params.yaml, one per stage: each key with its type, range and description.

Settings of the library are declared there and only combined here. Ranges end where nothing could be
trained or run.
"""

from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import Field, create_model, model_validator

from pipeline.settings.names import Digest, FileName, Name
from wnet.chosen import choice
from wnet.crops.settings import Extraction
from wnet.data.settings import Degrade
from wnet.files.weights import WeightsFile
from wnet.landmarks.settings import Landmarks, Looks
from wnet.metrics.settings import Intervals
from wnet.networks import by_name
from wnet.settings import DISTINCT, LISTED, Few, Positive, Seed, Settings, Share
from wnet.training.settings import Schedule


class Synthesize(Settings):
    """The embedded sample of drawn faces."""

    seed: Seed
    """Seed of the drawing."""
    faces: Positive
    """Number of faces."""
    resolution: Annotated[int, Field(ge=128, le=512)]
    """Side of the drawn photographs, in pixels."""


class Checkpoint(Settings):
    """A file of pretrained weights."""

    file: FileName
    """Its name in weights/."""
    sha256: Digest | None
    """Its SHA-256, or as much of its beginning as its publisher gives."""

    def weights_file(self) -> WeightsFile:
        """The file that `wnet.files.weights` searches for."""
        return WeightsFile(self.file, self.sha256)


Weights = dict[Name, Checkpoint]


class Crop(Landmarks, Looks, Extraction):
    """The square of a photograph that is cropped as a face."""

    faces_per_shard: Annotated[int, Field(ge=1, le=65536)]
    """Photographs per shard, which is one file and one task of a process."""

    def differences(self, taught: "Crop") -> list[tuple[str, object, object]]:
        """The keys that make another square than those of a training: key, value, and its value.

        If the rules differ, no other key says more.
        """
        keys = ("rule",) if self.rule != taught.rule else self.used
        pairs = [(key, getattr(self, key), getattr(taught, key)) for key in keys]
        return [pair for pair in pairs if pair[1] != pair[2]]


class Parse(Settings):
    """How faces are parsed, and which classes count as skin."""

    method: choice("wnet.parsing.methods")
    """The parsing method, a file in wnet/parsing/methods/; the paper uses `bisenet`, which needs
    weights."""
    bisenet_side: Annotated[int, Field(ge=64, le=1024, multiple_of=32)]
    """Side of BiSeNet's input, in pixels: 512 for the published weights."""
    skin_ids: Annotated[
        tuple[Annotated[int, Field(ge=0, le=18)], ...], Field(min_length=1), LISTED, DISTINCT
    ]
    """Classes that count as skin in the binary skin map; only class 1 in the paper."""
    degenerate_below: Share
    """Faces with a smaller fraction of skin are listed; none is left out."""


class Reference(Landmarks):
    """Landmarks and identity of the test faces."""

    enlarge: Annotated[int, Field(ge=1, le=8)]
    """Factor by which faces are enlarged for the detector; dlib needs about 80 pixels."""
    identity: choice("wnet.identity.networks")
    """The identity network, a file in wnet/identity/networks/; all except `dlib` need weights."""


class Quality(Settings):
    """Image quality scores."""

    protocols: Annotated[
        tuple[Literal["dic", "sparnet", "rgb"], ...], Field(min_length=1), LISTED, DISTINCT
    ]
    """Protocols of PSNR and SSIM; the first is used in summaries and tables."""
    lpips: Annotated[tuple[Literal["alex", "vgg", "squeeze"], ...], LISTED, DISTINCT]
    """Backbones of LPIPS, whose files are under `weights`; empty means that LPIPS is not
    measured."""


class LandmarkScores(Settings):
    """Landmark scores."""

    failure: Annotated[float, Field(ge=0.0001, le=100)]
    """The NME above which a face counts as a failure."""


class IdentityScores(Settings):
    """Identity scores."""

    thresholds: Annotated[int, Field(ge=2, le=1001)]
    """Points of the curve of Fig. 6."""


class Report(Settings):
    """The contents of an evaluation's page."""

    faces: Few
    """Faces in the grid image."""
    magnify: Annotated[int, Field(ge=1, le=16)]
    """Factor by which the grid enlarges pixels."""
    browse: Annotated[int, Field(ge=1, le=100)]
    """Faces that can be browsed by each score, best first and worst first."""
    rejected: Annotated[int, Field(ge=0, le=100)]
    """Examples of photographs rejected for each reason; 0 shows none."""


class Compare(Intervals):
    """How the networks of one test set are compared."""

    faces: Few
    """Faces drawn by `seed` for every page of a test set, which also shows the best and the
    worst."""


class Train(Schedule):
    """How a network is trained."""

    progress_every: Positive
    """Epochs between progress images."""
    progress_faces: Few
    """Validation faces in a progress image."""


def _named(name: str) -> type[Settings]:
    """The settings of a network, with its name among them."""
    kind = (Literal[name], Field(description="Which network: a folder of wnet/networks/."))
    settings = by_name.config_of(name)
    return create_model(f"{name}.{settings.__name__}", __base__=settings, network=kind)


def _loss(name: str) -> type[Settings]:
    """The loss settings of a network, which is not named in them: `model` names it."""
    whose = (Literal[name], Field(exclude=True))
    return create_model(f"{name}.Loss", __base__=by_name.loss_of(name), network=whose)


Model = Annotated[reduce(or_, map(_named, by_name.names())), Field(discriminator="network")]
Loss = Annotated[reduce(or_, map(_loss, by_name.names())), Field(discriminator="network")]


class NetworkTraining(Settings):
    """A network with its loss, its training settings and the degradation of its faces."""

    model: Model
    loss: Loss
    train: Train
    degrade: Degrade

    @model_validator(mode="before")
    @classmethod
    def _loss_is_of_the_network(cls, content: Any) -> Any:
        try:
            whose = {"network": content["model"]["network"]}
            return {**content, "loss": {**content["loss"], **whose}}
        except (KeyError, TypeError):  # a missing key is reported where it is read
            return content
