"""Licences of the data and pretrained networks that a model depends on.

This is not legal advice: the terms of whoever publishes a file apply, and a model made with it may
be subject to them.
"""

from pipeline.pages.scores import Scores
from wnet.chosen import chosen

UNKNOWN = "not known to this project; whoever distributes the model must state it"

DATASETS = {
    "sample": "drawn by the stage synthesize, under the licence of this project (MIT); "
    "no real person is shown",
    "celeba": "CelebA, for non-commercial research only, not for redistribution: "
    "https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html",
    "helen": "Helen, photographs from Flickr under the licences of their authors, for research: "
    "http://www.ifp.illinois.edu/~vuongle2/helen/",
}
VGG = "VGG-19 of torchvision (code BSD 3-clause), trained on ImageNet, for research"
LPIPS = "LPIPS (BSD 2-clause) over a network of torchvision, trained on ImageNet, for research"


def licences_of(
    tested_on: str, trained: dict | None, parse: dict, scores: Scores
) -> dict[str, str]:
    """Licences of the data and networks behind one model and its scores, by their role.

    trained: the record of the stage `train`; None without a model. parse: metrics of the test
    faces' parsing maps.
    """

    def landmarks(method: str) -> str:
        return chosen("wnet.landmarks.methods", method).LICENCE

    learnt = trained["parameters"]["datasets"] if trained else ()
    found = {f"Training data, {dataset}": DATASETS.get(dataset, UNKNOWN) for dataset in learnt}
    if tested_on not in learnt:
        found[f"Test data, {tested_on}"] = DATASETS.get(tested_on, UNKNOWN)
    if trained:
        found["Landmarks of the training faces"] = landmarks(trained["faces"]["landmarks"])
    if parse["method"]:
        parser = chosen("wnet.parsing.methods", parse["method"])
        found[f"Parsing maps of {tested_on}"] = parser.LICENCE
    if trained and "vgg19" in trained["weights"]:
        found["Perceptual loss"] = VGG
    found["Landmarks, to score"] = landmarks(scores.landmarks["method"])
    found["Identity, to score"] = chosen(
        "wnet.identity.networks", scores.identity["network"]
    ).LICENCE
    if scores.headline["lpips"].measured:
        found["LPIPS, to score"] = LPIPS
    return found
