"""The person and the shot: all random choices for a synthetic face."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

STYLES = (
    "bald", "receding", "buzz", "short", "swept", "side part", "short curls", "afro",
    "bob", "fringe", "long", "long waves", "tied back",
)  # fmt: skip
_MALE_ODDS = (6, 9, 12, 20, 16, 16, 9, 4, 1, 2, 2, 2, 1)
_FEMALE_ODDS = (0, 0, 1, 4, 4, 5, 6, 6, 14, 14, 18, 17, 11)
BEARDS = ("none", "stubble", "moustache", "goatee", "short", "full")
_BEARD_ODDS = (42, 20, 6, 8, 14, 10)
HAIR_COLOURS = {
    "black": (22, 19, 18),
    "dark brown": (46, 31, 23),
    "brown": (82, 54, 36),
    "light brown": (124, 88, 58),
    "blond": (186, 148, 96),
    "light blond": (212, 182, 134),
    "red": (146, 66, 30),
    "auburn": (98, 42, 26),
}
_FAIR_HAIR_ODDS = (10, 20, 22, 16, 12, 8, 6, 6)
EYE_COLOURS = {
    "dark brown": (44, 26, 16),
    "brown": (84, 50, 26),
    "hazel": (110, 84, 44),
    "green": (92, 108, 66),
    "grey": (116, 126, 130),
    "blue": (84, 118, 150),
}


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The face's measures as multiples of a typical deviation from the average face, +-2.5."""

    face_width: float
    face_length: float
    jaw_width: float
    chin_width: float
    forehead: float
    fat: float
    cheekbone: float
    eye_size: float
    eye_opening: float
    eye_spacing: float
    eye_tilt: float
    lid_crease: float
    socket: float
    brow_height: float
    brow_arch: float
    brow_tilt: float
    brow_thickness: float
    nose_length: float
    nose_width: float
    nose_depth: float
    nose_tip: float
    bridge: float
    mouth_width: float
    mouth_height: float
    upper_lip: float
    lower_lip: float
    ear_size: float
    ear_angle: float


@dataclass(frozen=True, kw_only=True)
class Person:
    """One identity."""

    seed: int
    masculine: float  # 0 to 1
    age: float  # years
    skin: float  # 0 fair to 1 dark
    undertone: float  # -1 rosy to 1 olive
    shape: Shape
    style: str
    hair_colour: str
    grey: float  # 0 to 1
    volume: float  # 0 to 1
    parting: float  # x of the parting, units
    hairline: float  # -1 low to 1 high
    beard: str
    brow_density: float
    eye_colour: str
    freckles: float  # 0 to 1
    moles: int
    glasses: bool
    frame: int
    earring: bool
    makeup: float  # 0 to 1


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One photograph of a person: pose in degrees, lengths in units of the head or of the image."""

    seed: int
    yaw: float
    pitch: float
    roll: float
    distance: float  # of the camera, units
    extent: float  # of the 68 points, as a part of the image's side
    offset: tuple[float, float]  # of the face's centre, as a part of the image's side
    expression: str
    smile: float  # -0.5 to 1
    opening: float  # of the mouth, 0 to 1
    brow_raise: float  # -1 to 1
    lids: float  # 1 is relaxed, 0 is shut
    gaze: tuple[float, float]
    light: tuple[float, float, float]  # towards the key light, camera frame (x right, y down)
    key: float
    key_warmth: float  # -1 blue to 1 orange
    fill: float
    softness: float  # of shadows, 0 to 1
    exposure: float
    glasses: bool
    hat: str  # "" for none
    clothes: str
    backdrop: str
    blur: float  # in pixels of a 256-pixel image
    noise: float  # standard deviation, grey levels


def _choose(rng: np.random.Generator, names: tuple[str, ...], odds: tuple[float, ...]) -> str:
    return names[int(rng.choice(len(names), p=np.asarray(odds) / np.sum(odds)))]


def _draw_hair_colour(rng: np.random.Generator, skin: float) -> str:
    names = tuple(HAIR_COLOURS)
    dark = np.array((60, 30, 8, 1, 0.3, 0.2, 0.2, 0.3))
    weight = np.clip((skin - 0.12) / 0.25, 0, 1)
    return _choose(rng, names, tuple((1 - weight) * np.array(_FAIR_HAIR_ODDS) + weight * dark))


def draw_person(identity: int) -> Person:
    """The person number `identity`; the same number gives the same person."""
    rng = np.random.default_rng([identity, 0])
    names = [field.name for field in fields(Shape)]
    measures = 1.25 * np.clip(rng.normal(size=len(names)), -2, 2)
    shape = Shape(**dict(zip(names, measures.tolist(), strict=True)))
    masculine = float(np.clip(rng.choice((0.12, 0.88)) + rng.normal() * 0.12, 0, 1))
    age = float(18 + 66 * rng.beta(1.2, 2.1))
    skin = float(np.clip(rng.beta(1.1, 1.5), 0, 1))
    male = masculine > 0.5
    style = _choose(rng, STYLES, _MALE_ODDS if male else _FEMALE_ODDS)
    if style == "receding" and age < 30:
        style = "short"
    grey = float(np.clip((age - 38 + rng.normal() * 9) / 32, 0, 1))
    light_eyes = rng.random() < np.clip(0.75 - 1.8 * skin, 0, 1)
    eyes = tuple(EYE_COLOURS)[2:] if light_eyes else tuple(EYE_COLOURS)[:3]
    return Person(
        seed=int(rng.integers(2**31)),
        masculine=masculine,
        age=age,
        skin=skin,
        undertone=float(rng.uniform(-1, 1)),
        shape=shape,
        style=style,
        hair_colour=_draw_hair_colour(rng, skin),
        grey=grey if male or rng.random() < 0.45 else 0.0,
        volume=float(rng.random()),
        parting=float(rng.uniform(-0.45, 0.45)),
        hairline=float(rng.uniform(-1, 1)),
        beard=_choose(rng, BEARDS, _BEARD_ODDS) if male else "none",
        brow_density=float(rng.uniform(0.35, 1)),
        eye_colour=str(rng.choice(eyes)),
        freckles=float(rng.random() * (rng.random() < 0.4) * (skin < 0.45)),
        moles=int(rng.poisson(1.2)),
        glasses=bool(rng.random() < 0.13 + 0.004 * (age - 18)),
        frame=int(rng.integers(4)),
        earring=bool(not male and rng.random() < 0.3),
        makeup=float(rng.random() * (rng.random() < 0.65)) if not male else 0.0,
    )


_EXPRESSIONS = {  # smile, opening, brow raise, lids
    "neutral": (0.0, 0.0, 0.0, 1.0),
    "slight smile": (0.45, 0.0, 0.0, 0.95),
    "broad smile": (1.0, 0.28, 0.05, 0.78),
    "talking": (0.15, 0.4, 0.1, 1.0),
    "mouth open": (0.0, 0.85, 0.35, 1.1),
    "surprised": (0.0, 0.65, 1.0, 1.25),
    "stern": (-0.35, 0.0, -0.7, 0.85),
    "eyes nearly shut": (0.1, 0.0, 0.0, 0.35),
}
_EXPRESSION_ODDS = (26, 20, 26, 9, 5, 4, 8, 2)
_CLOTHES = ("t-shirt", "v-neck", "shirt", "suit", "turtleneck", "wide neck")
_BACKDROPS = ("studio", "studio", "blurred", "blurred", "wall", "outdoors")


def _draw_light(rng: np.random.Generator) -> tuple[float, float, float]:
    azimuth, elevation = np.radians(rng.uniform(-65, 65)), np.radians(rng.uniform(5, 55))
    x, z = np.sin(azimuth) * np.cos(elevation), np.cos(azimuth) * np.cos(elevation)
    return float(x), float(-np.sin(elevation)), float(z)


def draw_shot(person: Person, photograph: int) -> Shot:
    """Photograph number `photograph` of `person`; the same number gives the same photograph."""
    rng = np.random.default_rng([person.seed, photograph, 1])
    expression = _choose(rng, tuple(_EXPRESSIONS), _EXPRESSION_ODDS)
    smile, opening, raised, lids = _EXPRESSIONS[expression]
    wobble = rng.normal(size=4)
    hat = str(rng.choice(("beanie", "cap", "headband"))) if rng.random() < 0.08 else ""
    male = person.masculine > 0.5
    clothes = rng.choice(_CLOTHES, p=(0.3, 0.14, 0.22, 0.16, 0.12, 0.06) if male else
                         (0.2, 0.24, 0.14, 0.08, 0.1, 0.24))  # fmt: skip
    key, fill = float(rng.uniform(0.65, 1.4)), float(rng.uniform(0.25, 0.62))
    exposure = float(rng.uniform(0.85, 1.2)) * (1 + 0.45 * person.skin)
    exposure *= (0.95 / (0.5 * key + 0.8 * fill)) ** 0.7  # as a camera's exposure metering
    return Shot(
        seed=int(rng.integers(2**31)),
        yaw=float(np.clip(rng.normal() * 11, -25, 25)),
        pitch=float(np.clip(rng.normal() * 5, -12, 12)),
        roll=float(np.clip(rng.normal() * 6, -15, 15)),
        distance=float(rng.uniform(9, 22)),
        extent=float(rng.uniform(0.45, 0.62)),
        offset=(float(rng.uniform(-0.04, 0.04)), float(rng.uniform(-0.02, 0.05))),
        expression=expression,
        smile=float(np.clip(smile + 0.12 * wobble[0], -0.5, 1.1)),
        opening=float(np.clip(opening * (1 + 0.35 * wobble[1]), 0, 1)),
        brow_raise=float(np.clip(raised + 0.2 * wobble[2], -1, 1.2)),
        lids=float(np.clip(lids + 0.06 * wobble[3], 0.15, 1.3)),
        gaze=(float(np.clip(rng.normal() * 0.3, -0.8, 0.8)), float(rng.uniform(-0.3, 0.3))),
        light=_draw_light(rng),
        key=key,
        key_warmth=float(rng.uniform(-0.6, 1)),
        fill=fill,
        softness=float(rng.random()),
        exposure=exposure,
        glasses=bool(rng.random() < (0.88 if person.glasses else 0.03)),
        hat=hat,
        clothes=str(clothes),
        backdrop=str(rng.choice(_BACKDROPS)),
        blur=float(rng.uniform(0.1, 0.7)),
        noise=float(rng.uniform(0.5, 4)),
    )
