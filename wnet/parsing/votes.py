"""The fitted weights of the parsing map: what each measurement adds to the votes for each class.

Multinomial logistic regression (maximum likelihood, a trace of L2) on 0.56 million pixels of 692
photographs with hand-drawn masks (CelebAMask-HQ, dlib's points), cropped to 128 and to 64 pixels, a
tenth of them made grey. Clothes, jewellery and hats count as background; glasses were left out.
Pixels of brows, eyes, nose and mouth weigh 1.3 to 2 times as much as others, which improves the
mean IoU. Measurements that did not lower the loss on held-out photographs were removed. The two
rows "inside" were then chosen by mean IoU, since a regression, which counts pixels, gives too
little weight to the outlines of eyes and lips.
`python benchmarks/fit_parser.py FOLDER wnet/parsing/votes.py` makes a new table. The last one was
as good on the 99 held-out photographs (IoU of skin 0.856, eyes 0.727, mouth 0.844; with this table
0.855, 0.724, 0.847) but worse in the brows of drawn faces (0.543; with this table 0.569), so this
table was kept.
"""

COLUMNS = (0, 1, 2, 4, 10, 11, 12, 13, 14, 17, 7)
"""The class, in BiSeNet's order, of each number in a row; 2, 4 and 7 are both sides."""

# fmt: off
VOTES = {
    #                         back  skin  brow   eye  nose mouth u_lip l_lip neck  hair   ear
    "one":                    (   2,  213,  187,  738,  732,   91, -153,  391, -722, -216, -1264),
    "xx":                     (  34,   17,   56,  -38, -378,  355, -422,   94,   61,   73,  148),
    "xxxx":                   (   1,  -29,  -59,   19,  127, -152,  267,  -43,  -34,  -33,  -63),
    "y":                      ( -55,    2, -294,   61,   17,  224,  -19,   88,  318, -149, -195),
    "yy":                     (  27,    2,  -38,   12,   15,  122,  -20,   48,  -27,   23, -165),
    "yyy":                    (   3,   -9,   71,  -27,  -45,  -28,   16,  -22,   -6,   11,   36),
    "xxy":                    (  15,   -5,   23,   -1,   12,  -46,   14,  -34,   -9,   19,   13),
    "x turn":                 (  33,    4,    4,   -5,  -94,   24,   66,    3,  -34,    5,   -4),
    "below the mouth's line": (   1,    9,   56,  -48,  -58,   17, -150,  142,   10,   21,    0),
    "face near":              (-168,  -22,  -20,  -70,  108,  -41,  185, -212,  157,  -70,  154),
    "face edge":              ( -29,  176,   -6,   62, -341,  401, -113,  267, -184,   -6, -227),
    "eye near":               (-149,   42,  456,  841,   70,  537, -299,  401, -298,  -13, -1588),
    "eye edge":               (-173, -196, -351,   22,   81,   37,   93,   51,  121,  -61,  376),
    "eye inside":             (   0,    0,    0,  400,    0,    0,    0,    0,    0,    0,    0),
    "eye far":                (  16, -111,  335, -265,  254,  382,   -2,  258, -144,  252, -975),
    "brow near":              (-131,  -43,  418, -229,  110,  258, -434,  222, -113,  -55,   -2),
    "brow edge":              ( -35, -122,  -61,  244,  -33,   -9,   55,  -35,   38,  -61,   19),
    "brow far":               (-119,  -93, -307,   40,  160,  131, -262,  138,  -98,  -39,  448),
    "nose near":              ( 261,  217,   88,  278, 1299, -283,  -95, -902, -329,   79, -612),
    "nose edge":              (-189, -253, -219, -233, -242,  457, -191,  753,  108, -211,  221),
    "lips near":              (   1,  -77,   66, -113,  -79,  603,  146,  476, -601,   54, -476),
    "lips edge":              ( -80, -106,   11,   56,  -95,   25,   11,  -43,  140, -126,  207),
    "lips inside":            (   0,    0,    0,    0,    0,  200,  200,  200,    0,    0,    0),
    "mouth near":             (  31,   21, -194, -147, -139,  121,  415,  417, -212, -217,  -96),
    "mouth edge":             (  -5, -180,   38,   59,  193,   49, -163, -219,   96,   82,   50),
    "L":                      (  10,   94, -207,  163,   48,  -68, -117,  117,  -30,  -58,   47),
    "L squared":              (   4,   22,  -30,    0,   12,   38,    2,  -10,  -13,   -1,  -25),
    "L, smooth":              (  21,  -82,  181, -200,  -22,   96,  168,  -72,   -6,  -28,  -57),
    "L of all":               ( -20,  -15,  -14,   23,  -29,  133,  -48,  -11,  -16,   40,  -43),
    "a":                      (  25,  -65,  -90,  -55,    5,  -18,   70,  164,  -30,  -88,   80),
    "a squared":              (  62,   -5,   12,    5,   10,   -4,   15,  -16,  -37,  -18,  -23),
    "a, smooth":              ( -15,   50,   57,   67,    6,   -9,  -25,  -69,   13,   -6,  -68),
    "a of all":               (-126,   47,   36,   -9,   41,   26,    9,   24,  -26,  -21,   -1),
    "b":                      (  28,   33,   11,   46,   17,  -43,   12,  -98,   33,  -18,  -20),
    "b squared":              (  46,    4,  -10,  -10,   -8,  -27,  -13,  -15,   18,   30,  -15),
    "b, smooth":              (  39,  -24,  -31, -108,   -6,   -3,  -71,   66,   12,  103,   24),
    "b of all":               ( -20,    2,    3,   -2,    8,  -72,  -18,  -22,   46,   77,   -2),
    "like eye":               (-108,   84, -143,   43, -242,  112,   31,  111,   71,  -79,  121),
    "like eye, smooth":       ( 181,  -55,  253,   23,  293, -280,  -34, -182, -104,   36, -131),
    "like brow":              (  16,  -88,   43, -123,  -43,  108, -187,  117,   50,  -19,  126),
    "like brow, smooth":      ( -46,   75,   32,  106,  -19, -152,  180, -175,  -49,  -18,   67),
    "like lips":              ( -48,   19,  -77,  -12,   94,   22,   12,  -17,  -89,  109,  -13),
    "like lips, smooth":      (  20, -111,  130,   84,  -73,  -34,    7,   30,  142, -189,   -7),
    "like mouth":             (  40,    4,  -40,  -57,  144,  -22,   47,   -2,  -72,  -57,   14),
    "like mouth, smooth":     ( -79,  -33,   80,   53, -243,   75,  -81,  -15,  131,   89,   23),
    "like hair, smooth":      (  56,    3,  -30,   -2,  -20,   -8,  -19,   -4,   21,  101,  -98),
    "like neck, smooth":      ( -10,    0,    6,    2,  -12,   17,    1,   21,   -2,  -13,  -10),
    "like top, smooth":       (  12,   -7,  -10,    0,  -23,    7,  -20,   -1,   21,    9,   12),
    "like bottom, smooth":    (  14,  -10,  -18,   -2,   -1,   15,   16,    4,  -39,   35,  -14),
    "like hair, above":       (  12,  -69,    2,  -16,   73,  -63,   77,   30,  -10,  -32,   -3),
    "unlike skin":            (  -5,   -4,   13,   54,   30,  -48,   -4,   84,  -22,  -15,  -83),
    "unlike skin, smooth":    (  19,  -24,  -45, -108,  -21,  116,    3,  -99,   17,  -15,  158),
}
# fmt: on
"""Hundredths of a vote, in the order of the measurements (`evidence.measure`)."""
