"""What params.yaml may hold: a section a stage, each key with its type, range and description.

What the library takes is declared there, as its own settings, and only put together here. Ranges
end where nothing could be trained or run any more. Names become parts of commands and paths, so
they are letters, digits, `_` and `-`.
"""

from functools import reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BeforeValidator, Field, create_model, model_validator

from wnet.chosen import choice
from wnet.counted import counted
from wnet.crops.settings import Extraction
from wnet.data.settings import Degrade
from wnet.files.weights import WeightsFile
from wnet.landmarks.settings import Landmarks, Looks
from wnet.metrics.settings import Intervals
from wnet.networks import by_name
from wnet.settings import (
    DISTINCT,
    LISTED,
    Count,
    Few,
    Positive,
    Scale,
    Seed,
    Settings,
    Share,
)
from wnet.training.settings import Schedule

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64)]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=200)]
FilePath = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9_. -]*(/[A-Za-z0-9_][A-Za-z0-9_. -]*)*$", max_length=200
    ),
]
Subset = Literal["train", "validation", "test"]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{8,64}$")]
Entry = TypeVar("Entry")
Block = Annotated[dict[Name, Entry], Field(default_factory=dict)]
"""Entries by name; the key may be absent."""
EmptyBlock = Annotated[
    dict[Name, Entry],
    Field(default_factory=dict),
    BeforeValidator(lambda entries: {} if entries is None else entries),
]
"""The same, also as YAML reads a key with nothing below it."""


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
        """What `wnet.files.weights` looks for."""
        return WeightsFile(self.file, self.sha256)


Weights = dict[Name, Checkpoint]


class Crop(Landmarks, Looks, Extraction):
    """Which square of a photograph is a face."""

    faces_per_shard: Annotated[int, Field(ge=1, le=65536)]
    """Photographs per shard, which is one file and one task of a process."""


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


class Fractions(Settings):
    """A random split of names, or of identities."""

    by: Literal["fractions"]
    """The rule."""
    seed: Seed
    """Seed of the random order."""
    validation: Share
    """Fraction of the faces in the validation set."""
    test: Share
    """Fraction of the faces in the test set; the rest are the train set."""
    identities: FilePath | None
    """A list of names and persons, stored with the photographs; no person is then in two sets."""
    near_copies: Literal["listed", "together"]
    """Near copies, faces that are almost the same image: `listed` if they are in two sets, or kept
    `together` in one."""

    @model_validator(mode="after")
    def _fits(self) -> "Fractions":
        if self.validation + self.test > 1:
            raise ValueError("validation and test add up to more than 1")
        return self


class Last(Settings):
    """A split by order (2.jpg before 10.jpg): the last faces are the test set, those before them
    the validation set."""

    by: Literal["last"]
    """The rule."""
    train: Count
    """Largest number of faces in the train set, from the first on."""
    validation: Count
    """Number of faces in the validation set."""
    test: Count
    """Number of faces in the test set."""


class First(Settings):
    """A split by order: the first faces are the train set, the next the test set."""

    by: Literal["first"]
    """The rule."""
    train: Count
    """Number of faces in the train set."""
    test: Count
    """Number of faces in the test set."""
    validation: Count
    """Number of faces in the validation set."""
    validation_before_last: Count
    """Validation faces are taken from before this many last faces."""


class Lists(Settings):
    """A split by lists of names, stored with the photographs; an empty key means an empty set."""

    by: Literal["lists"]
    """The rule."""
    train: FilePath | None
    """The file that lists the train set."""
    validation: FilePath | None
    """The file that lists the validation set."""
    test: FilePath | None
    """The file that lists the test set."""


class Partition(Settings):
    """The split of CelebA's list_eval_partition: 0 is the train, 1 the validation, 2 the test
    set."""

    by: Literal["partition"]
    """The rule."""


class All(Settings):
    """No split: every face is in the test set."""

    by: Literal["all"]
    """The rule."""


Split = Annotated[Fractions | Last | First | Lists | Partition | All, Field(discriminator="by")]


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
    """What the page of an evaluation shows."""

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
    """Faces shown, spread evenly over the ranks, besides the best and the worst of each network."""


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
    """What the objective of a network weighs; whose it is, is never written: `model` says it."""
    whose = (Literal[name], Field(exclude=True))
    return create_model(f"{name}.Loss", __base__=by_name.loss_of(name), network=whose)


Model = Annotated[reduce(or_, map(_named, by_name.names())), Field(discriminator="network")]
Loss = Annotated[reduce(or_, map(_loss, by_name.names())), Field(discriminator="network")]


class Taught(Settings):
    """A network, what it learns by, how, and from what faces."""

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
        except (KeyError, TypeError):  # what is missing is said where it is looked for
            return content


class Run(Taught):
    """What is particular to a run, laid over the run it is based on, or the sections."""

    based_on: Name | None = None
    """Another run of the same network, whose keys count where this one has none of its own."""


class Recipe(Settings):
    """What is particular to a dataset, laid over the stages' sections."""

    weights: Weights
    crop: Crop
    parse: Parse
    reference: Reference
    splits: EmptyBlock[Split]


class Pyramid(Settings):
    """A dataset reduced by a scale."""

    dataset: Name
    scale: Scale


class Member(Settings):
    """A dataset of a pool, and by which of its splits its faces train, validate and test."""

    dataset: Name
    split: Name


class Pool(Settings):
    """The faces of two datasets as those of one, to train on.

    A third joins as a pool of the first pool, whose split is `members`.
    """

    of: Annotated[tuple[Member, Member], LISTED]
    near_copies: Literal["listed", "left out"] = "listed"
    """Training faces that are nearly the same picture as one that the other dataset holds out:
    listed, or left out of the training."""


class SplitItem(Settings):
    """A dataset divided by a rule of its recipe."""

    dataset: Name
    split: Name


class Training(Settings):
    """A run on a split of a dataset at a scale.

    By the recipe `original` it is trained as the run says, and by `equal` as the run `equal_to`
    says under `train`: with the epochs, batch, optimizer and flips of what it is compared with.
    `epochs` counts in their place where networks are compared that are trained equally long.
    """

    run: Name
    dataset: Name
    split: Name
    scale: Scale
    equal_to: Name | None = None
    epochs: Positive | None = None

    @property
    def recipe(self) -> str:
        """Which of the two, in words."""
        epochs = f", for {counted(self.epochs, 'epoch')}" if self.epochs else ""
        return (f"equal: trained as {self.equal_to}" if self.equal_to else "original") + epochs


MEMBERS = "members"
"""The one split of a pool: each of its datasets as it is divided itself."""


class Comparison(Settings):
    """Everything that is evaluated on the test faces of one split at one scale."""

    dataset: Name
    split: Name
    scale: Scale

    @property
    def set_name(self) -> str:
        """What these faces are called: among the comparisons, and in results/."""
        return f"{self.dataset}-{self.split}-x{self.scale}"


class Evaluation(Comparison):
    """A training's network on the test faces of a split."""

    training: Name


class Active(Settings):
    """What dvc.yaml makes stages of. A block may be absent; DVC refuses one that is empty."""

    datasets: Annotated[tuple[Name, ...], Field(min_length=1), LISTED, DISTINCT]
    pools: Block[Pool]
    pyramids: Block[Pyramid]
    splits: Block[SplitItem]
    trainings: Block[Training]
    evaluations: Block[Evaluation]
    comparisons: Block[Comparison]


class Inactive(Settings):
    """The same in waiting, of which nothing is made: any of it may be there, and fit nothing."""

    datasets: Annotated[
        tuple[Name, ...],
        LISTED,
        DISTINCT,
        BeforeValidator(lambda names: () if names is None else names),
    ] = ()
    pools: EmptyBlock[Pool]
    pyramids: EmptyBlock[Pyramid]
    splits: EmptyBlock[SplitItem]
    trainings: EmptyBlock[Training]
    evaluations: EmptyBlock[Evaluation]
    comparisons: EmptyBlock[Comparison]


class NetworkSet(Settings):
    """Runs that are trained on the same faces and compared, once `wnet compare` makes them active.

    Attributes:
        runs: each is trained at each of `scales` on the split `split` of `dataset`.
        tested_on: splits by dataset; empty is the split that they are trained on.
        equal_to, epochs: of every training, and by run; see `Training`.
    """

    runs: Annotated[tuple[Name, ...], Field(min_length=1), LISTED, DISTINCT]
    dataset: Name
    split: Name
    scales: Annotated[tuple[Scale, ...], Field(min_length=1), LISTED, DISTINCT]
    tested_on: EmptyBlock[Name]
    equal_to: Name | None = None
    epochs: EmptyBlock[Positive]


class Params(Active, Taught):
    """The whole file; recipes and runs are whole too, laid over the sections of their stages."""

    paper: Annotated[Inactive, BeforeValidator(lambda blocks: {} if blocks is None else blocks)] = (
        Inactive()
    )
    sets: EmptyBlock[NetworkSet]
    weights: Weights
    synthesize: Synthesize
    crop: Crop
    parse: Parse
    reference: Reference
    quality: Quality
    landmarks: LandmarkScores
    identity: IdentityScores
    report: Report
    compare: Compare
    recipes: EmptyBlock[Recipe]
    runs: EmptyBlock[Run]

    def members(self, dataset: Name) -> tuple[Member, ...]:
        """The datasets of a pool, however deep, each with its split; of another name, none."""
        found: dict[Name, tuple[Member, ...]] = {}
        for name, pool in self.pools.items():  # a pool is of those before it, so never of itself
            found[name] = tuple(each for one in pool.of for each in found.get(one.dataset, (one,)))
        return found.get(dataset, ())

    def recipe_of(self, dataset: Name) -> Recipe | None:
        """The recipe of a dataset, or of a pool's first, with which the others agree in size."""
        first = next((member.dataset for member in self.members(dataset)), dataset)
        return self.recipes.get(first)


def keys_at(location: tuple, kind: Any = Params) -> tuple[str, ...]:
    """The keys that may be at a location of pydantic's, which names the kinds of a union too."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) in (Union, UnionType):
        for each in get_args(kind):
            tags = [get_args(field.annotation) for field in each.model_fields.values()]
            if location and (location[0],) in tags:
                return keys_at(location[1:], each)
        return ()
    if isinstance(kind, type) and issubclass(kind, Settings):
        if not location:
            return tuple(kind.model_fields)
        field = kind.model_fields.get(location[0])
        return keys_at(location[1:], field.annotation) if field else ()
    return keys_at(location[1:], get_args(kind)[1]) if get_origin(kind) is dict else ()
