from blazepose.train.recipe import Augment

NO_AUGMENT = Augment(
    **dict.fromkeys(
        ("shift", "scale", "rotate_deg", "flip", "colour", "dark", "blur", "noise", "occlude"), 0
    )
)
