"""The shapes of other people's libraries over this one, for code that was written for them."""
