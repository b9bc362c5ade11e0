"""How networks trained on ImageNet see colours: RGB 0 to 1, less the mean, by the deviation."""

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
