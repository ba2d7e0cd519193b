"""Array shapes in annotations are checked while tests run."""

from jaxtyping import install_import_hook

install_import_hook("blazepose", "shapecheck.check")
