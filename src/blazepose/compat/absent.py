"""What to say where a library has something that its counterpart here has not."""


def absent(module: str, name: str) -> AttributeError:
    """The error for `module.name`; `hasattr` sees it as absent."""
    return AttributeError(
        f"{module} of blazepose has no {name!r}: it is MediaPipe's pose alone, "
        "take the rest from mediapipe itself"
    )
