"""The precision of products in float32 and in bfloat16 networks."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

PRECISIONS = ("bf16", "tf32", "fp32")


@contextmanager
def arithmetic(precision: str) -> Iterator[None]:
    """Use float32 for `fp32`, and TF32, if the GPU has it, for `tf32` and `bf16`."""
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    before = matmul.allow_tf32, cudnn.allow_tf32
    matmul.allow_tf32 = cudnn.allow_tf32 = precision != "fp32"
    try:
        yield
    finally:
        matmul.allow_tf32, cudnn.allow_tf32 = before
