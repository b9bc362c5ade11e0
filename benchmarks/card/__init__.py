"""The parts of benchmarks/gpu_card.py."""
