"""Calls that borrow the network compiled for pictures that begin.

A network is compiled for one picture by all threads together, or for several side by side, and
each costs memory and a moment. Where the second is there, a few calls, as of a clip whose person
is lost for a moment, do as well with it; many are worth the first.
"""

from __future__ import annotations

from dataclasses import dataclass

# Calls in a row that are not worth compiling for; it is compiled for them, meanwhile, from `_SOON`
# on, and at once where there are calls alone.
_FEW, _SOON, _AT_ONCE = 24, 8, 2


@dataclass(frozen=True)
class Call:
    """What a call that borrows means for the networks.

    Attributes:
        compiles_own: the network for calls should get ready.
        is_last: nobody will need the network that is lent any more.
    """

    compiles_own: bool
    is_last: bool


class Lending:
    """Whether calls borrow, from what happened so far.

    Attributes:
        lends: calls borrow.
    """

    def __init__(self) -> None:
        self.lends = False
        self._may_begin = False  # whether pictures may still begin
        self._calls = 0  # in a row

    def prepare(self, *, begin: bool, own_is_there: bool) -> None:
        """Pictures will begin, or calls come alone, from here on.

        Args:
            begin: which of the two.
            own_is_there: the network for calls is compiled.
        """
        self._may_begin = begin
        self.lends |= begin and not own_is_there

    def began(self) -> None:
        """A picture began."""
        self._calls = 0

    def called(self) -> Call:
        """A call came that borrows."""
        self._calls += 1
        self.lends = self._calls < _FEW
        compiles_own = self._calls == (_SOON if self._may_begin else _AT_ONCE)
        return Call(compiles_own, is_last=not self.lends and not self._may_begin)
