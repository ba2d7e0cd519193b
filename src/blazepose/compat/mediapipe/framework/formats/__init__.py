"""Message formats, as far as a pose needs them."""
