"""Which images a file uses: a Dockerfile, or YAML of any kind (Compose, a workflow, Kubernetes). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from syncbot.formats.dockerfile import is_dockerfile, read_dockerfile
from syncbot.formats.images import Image, parse_image
from syncbot.formats.variables import substitute
from syncbot.formats.yaml import read_yaml


def used_images(path: str, content: bytes) -> tuple[Image, ...]:
    """The images in order, defaults put in for variables; none of a file that cannot be read, or is of another kind."""
    if is_dockerfile(path):
        return base_images(content)
    if not path.endswith((".yml", ".yaml")):
        return ()
    reading = read_yaml(content)
    return () if reading.diagnostics else tuple(parse_image(substitute(text)) for text in _texts(reading.value))


def base_images(content: bytes) -> tuple[Image, ...]:
    """The images that a Dockerfile's stages begin from, in order; a stage that goes on from another has none."""
    return tuple(parse_image(stage.image) for stage in read_dockerfile(content).stages if stage.base is None)


def _texts(value: object) -> Iterator[str]:
    """What stands at a key `image`, wherever that is."""
    if isinstance(value, Mapping):
        image = value.get("image")
        yield from (image,) if isinstance(image, str) else ()
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
