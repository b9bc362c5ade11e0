"""ImageNet's normalisation: RGB 0 to 1 minus the mean, divided by the standard deviation."""

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
