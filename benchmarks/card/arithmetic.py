"""The arithmetic that float32 products and bfloat16 networks are done in."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

PRECISIONS = ("bf16", "tf32", "fp32")


@contextmanager
def arithmetic(precision: str) -> Iterator[None]:
    """float32 itself for `fp32`; TF32 where the card has it for `tf32`, and beside `bf16`."""
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    before = matmul.allow_tf32, cudnn.allow_tf32
    matmul.allow_tf32 = cudnn.allow_tf32 = precision != "fp32"
    try:
        yield
    finally:
        matmul.allow_tf32, cudnn.allow_tf32 = before
