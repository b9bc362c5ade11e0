"""From a network and faces to a trained network."""
