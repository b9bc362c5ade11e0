"""The page of `wnet demo`: its layout and its answer to a photograph."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import click
import numpy as np
from PIL import Image, ImageDraw

from pipeline.commands.enlarging import about, check_size, decoded_bytes, faces_of, load_enlarger
from pipeline.commands.models import MODELS, scale_of, title_of_model
from wnet.counted import counted
from wnet.crops.rules import NotSquare
from wnet.data.resize import bicubic
from wnet.networks.whole_picture import EnlargedFace, with_faces
from wnet.photographs.refusals import UnreadableImage

MINUTES = 5  # until results are deleted
_BY_NETWORK, _BY_BICUBIC = (255, 170, 0), (120, 120, 255)  # colours of boxes

INTRODUCTION = """# Faces enlarged

Drop a photograph. It comes back enlarged, whole: the faces in it by the network, all else by
bicubic interpolation, which the slider shows for comparison. Nothing is kept, and nothing leaves
the machine that serves this page."""


@dataclass(frozen=True)
class Answer:
    """The answer to a photograph: a text and, if it was enlarged, pictures, (H, W, 3) uint8 RGB.

    Attributes:
        said: the text, as Markdown. smooth, enlarged: by bicubic interpolation, and with the
            network's faces.
        found: the photograph with a box around each face.
    """

    said: str
    smooth: np.ndarray | None = None
    enlarged: np.ndarray | None = None
    found: np.ndarray | None = None


def answer(data: bytes, name: str, folder: Path, megapixels: int) -> Answer:
    """Enlarge a photograph, given as bytes, by the network in a folder, or explain why it cannot
    be."""
    known = load_enlarger(folder)
    network, crop = known.network, known.crop
    try:
        image = decoded_bytes(data, crop.max_pixels)
        check_size(image, network.scale, megapixels * 1_000_000)
        faces = faces_of(image, known)
    except (UnreadableImage, NotSquare) as error:
        return Answer(f"**{_plain(name)} was not enlarged:** {_plain(str(error))}")
    height, width = (network.scale * length for length in image.shape[:2])
    found = f"{counted(len(faces), 'face')} found" if faces else "No face found"
    lines = [f"**{_plain(name)}**: {image.shape[1]} x {image.shape[0]} to {width} x {height} px."]
    lines += [
        f"{found}{'.' if faces else ': the whole picture is enlarged by bicubic interpolation.'}"
    ]
    lines += [f"{each[0].upper()}{each[1:]}." for each in about(faces, crop.resolution)]
    return Answer(
        said=" ".join(lines),
        smooth=bicubic(image[None], height, width)[0],
        enlarged=with_faces(image, faces, network.scale),
        found=_boxed(image, faces),
    )


def _boxed(image: np.ndarray, faces: Sequence[EnlargedFace]) -> np.ndarray:
    picture = Image.fromarray(image)
    pen, width = ImageDraw.Draw(picture), max(1, round(max(image.shape) / 300))
    for face in faces:
        colour = _BY_BICUBIC if face.pixels is None else _BY_NETWORK
        x0, y0, x1, y1 = face.square.box
        pen.rectangle((x0, y0, x1 - 1, y1 - 1), outline=colour, width=width)
    return np.asarray(picture)


def _plain(text: str) -> str:
    """Escape Markdown and HTML, which the name of a file may contain."""
    return "".join(
        f"&#{ord(sign)};" if not (sign.isalnum() or sign in " .,") else sign for sign in text
    )


def page(folders: Sequence[Path], megabytes: int, megapixels: int):
    """The page as a gradio application."""
    import gradio

    named = {_name(folder): folder for folder in folders}
    scales = sorted({scale_of(folder) for folder in folders})

    def of_scale(scale: int) -> list[tuple[str, str]]:
        return [
            (f"{name}: {title_of_model(folder)}", name)
            for name, folder in named.items()
            if scale_of(folder) == scale
        ]

    def choose(scale: int):
        choices = of_scale(scale)
        return gradio.Dropdown(choices=choices, value=choices[0][1])

    def take(upload: str) -> tuple:
        path = Path(upload)
        held = (path.read_bytes(), path.name)
        path.unlink()
        return None, held

    def enlarge(held: tuple[bytes, str] | None, name: str) -> tuple:
        if held is None:
            return "", None, None
        made = answer(*held, named[name], megapixels)
        pair = None if made.smooth is None else (made.smooth, made.enlarged)
        return made.said, pair, made.found

    with gradio.Blocks(
        title="W-Net: faces enlarged", analytics_enabled=False, delete_cache=(60, 60 * MINUTES)
    ) as blocks:
        gradio.Markdown(INTRODUCTION)
        held = gradio.State(time_to_live=60 * MINUTES)
        with gradio.Row():
            limits = f"{megabytes} MB at most, {megapixels} megapixels when enlarged"
            photo = gradio.File(label=f"Photograph ({limits})", elem_id="photo", height=140)
            with gradio.Column():
                scale = gradio.Radio(
                    [(f"x{each}", each) for each in scales], value=scales[0], label="Scale"
                )
                choices = of_scale(scales[0])
                network = gradio.Dropdown(choices, value=choices[0][1], label="Network")
        said = gradio.Markdown(elem_id="said")
        slider = gradio.ImageSlider(
            label="Bicubic (left), with the network's faces (right)",
            elem_id="slider",
            format="png",
            interactive=False,
            buttons=["download", "fullscreen"],  # without "share"
            max_height=800,
        )
        found = gradio.Image(
            label="Faces found: orange enlarged by the network, blue by bicubic",
            elem_id="found",
            format="png",
            interactive=False,
            buttons=["download", "fullscreen"],
        )
        outputs = [said, slider, found]
        taken = photo.upload(take, photo, [photo, held], api_name=False)
        taken.then(enlarge, [held, network], outputs, api_name=False)
        scale.change(choose, scale, network, api_name=False)
        network.change(enlarge, [held, network], outputs, api_name=False)
    return blocks.queue(default_concurrency_limit=1, max_size=20)


def _name(folder: Path) -> str:
    """The name of a training, or the path of a network that is not in models/."""
    return folder.parent.name if folder.parent.parent == MODELS else str(folder)


def serve(blocks, host: str, port: int, megabytes: int) -> None:
    """Serve the page until the command is stopped."""
    import gradio

    fonts = ["system-ui", "sans-serif"]  # gradio's own would be loaded from the internet
    try:
        _, address, _ = blocks.launch(
            server_name=host,
            server_port=port or None,
            max_file_size=megabytes * 1_000_000,
            theme=gradio.themes.Base(font=fonts, font_mono=["monospace"]),
            prevent_thread_lock=True,
            share=False,
            quiet=True,
            footer_links=[],
            ssr_mode=False,
            enable_monitoring=False,
            run_history=False,
            pwa=False,
        )
    except OSError as error:
        raise ValueError(
            f"--host {host} --port {port}: cannot listen there; another program may, or give"
            " --port 0 for any port that is free"
        ) from error
    click.echo(f"{address} (Ctrl-C ends it)")
    try:
        Event().wait()
    except KeyboardInterrupt:
        click.echo("ended", err=True)
    finally:
        blocks.close(verbose=False)
