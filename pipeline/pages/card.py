"""The YAML header of a model card, for model hubs."""

from collections.abc import Sequence
from io import StringIO

from ruamel.yaml import YAML

from pipeline.pages.evaluation import Subject
from pipeline.pages.scores import Scores

TAGS = ("super-resolution", "face-super-resolution", "face-hallucination")


def card_head(subject: Subject, scores: Scores, trained_on: Sequence[str]) -> str:
    """The YAML header of a model card: what the model is, its training data and its scores.

    The licence is `other`, since the terms of the weights depend on all the parts that the card
    lists.
    """
    item = subject.item
    measured = [row for row in scores.headline.values() if isinstance(row.network, float | int)]
    head = {
        "license": "other",
        "license_name": "of-its-parts",
        "license_link": "README.md",
        "library_name": "pytorch",
        "pipeline_tag": "image-to-image",
        "tags": [*TAGS, subject.network],
        "datasets": list(dict.fromkeys((*trained_on, item.dataset))),
        "metrics": [row.score.key for row in measured],
        "model-index": [
            {
                "name": item.training,
                "results": [
                    {
                        "task": {
                            "type": "image-to-image",
                            "name": f"face super-resolution, {item.scale} times",
                        },
                        "dataset": {
                            "type": item.dataset,
                            "name": subject.test_set,
                            "config": item.split,
                            "split": "test",
                        },
                        "metrics": [
                            {
                                "type": row.score.key,
                                "name": row.score.heading,
                                "value": row.network,
                            }
                            for row in measured
                        ],
                    }
                ],
            }
        ],
    }
    text = StringIO()
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 1000
    yaml.dump(head, text)
    return f"---\n{text.getvalue()}---"
