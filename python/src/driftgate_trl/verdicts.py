"""Verdict words, exit codes and the exception that ends training."""

from __future__ import annotations

from typing import FrozenSet, Iterable, Tuple, Union

#: What a finished gate says.
VERDICTS: Tuple[str, ...] = ("pass", "fail", "inconclusive", "incomplete", "invalid")

#: What is said of a checkpoint that has no verdict of the service: its evaluation broke (``failed``) or was
#: ``cancelled``, newer checkpoints were evaluated instead (``skipped``), the service was away (``unreachable``), took
#: too long (``timeout``) or refused the request (``rejected``), nobody asked it (``ungated``), the weights are not the
#: ones that were judged (``changed``), or this package broke (``error``).
WITHOUT_VERDICT: Tuple[str, ...] = (
    "failed",
    "cancelled",
    "skipped",
    "unreachable",
    "timeout",
    "rejected",
    "ungated",
    "changed",
    "error",
)

#: What a policy may let training go on with. ``skipped`` needs no leave before the last step and gets none for it.
ACCEPTABLE: FrozenSet[str] = frozenset((*VERDICTS, "failed", "cancelled", "unreachable", "timeout"))

#: The gate said no.
EXIT_REFUSED = 3
#: Training could not start or resume.
EXIT_NOT_STARTED = 4


class GateFailed(SystemExit):
    """Ends the process with ``code`` 3 or 4 where nobody catches it, so that code after training does not run."""

    def __init__(self, message: str, code: int = EXIT_REFUSED) -> None:
        super().__init__(code)
        self.message = message

    def __str__(self) -> str:
        return self.message


def accepted_words(accept: Union[str, Iterable[str]]) -> FrozenSet[str]:
    """A policy from words or from a text with commas; raises ``ValueError`` for a word that is none."""
    words = frozenset(word.strip() for word in (accept.split(",") if isinstance(accept, str) else accept))
    wrong = sorted(words - ACCEPTABLE)
    if wrong or not words:
        raise ValueError(
            f"driftgate: accept: {', '.join(wrong) or 'nothing'}; expected some of {', '.join(sorted(ACCEPTABLE))}"
        )
    return words
