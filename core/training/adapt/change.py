"""What adapting a bundle did to its predictions, and when that is better."""

from dataclasses import dataclass

from core.evaluation.compare import Paired

LEVEL = 0.05  # a change that chance alone makes more often than this is none
MOST_LOST = 0.005  # of the accuracy in the source laboratory
NOT_BETTER = (
    "It is not better beyond chance, so no model was made. More labelled cells may help: a third "
    "of them decides."
)


@dataclass(frozen=True)
class Change:
    """What adapting did; accuracies from 0 to 1, on cells that were not fitted on.

    Attributes:
        fitted: labelled cells that were fitted on.
        checked: labelled cells that were not.
        before, after: accuracy on those.
        better, worse: how many of those only the fitted bundle has right, and only its parent.
        home_before, home_after: accuracy on the bundle's own reference cells of validation.
    """

    fitted: int
    checked: int
    before: float
    after: float
    better: int
    worse: int
    home_before: float
    home_after: float

    @property
    def p_value(self) -> float:
        """McNemar's of those cells: how often chance alone parts the two this far or further."""
        both = round(self.before * self.checked) - self.worse
        return Paired(self.checked, both, gained=self.better, lost=self.worse).p_value

    @property
    def is_better(self) -> bool:
        """Better there beyond chance, and in the source laboratory at most half a point worse."""
        there = self.better > self.worse and self.p_value < LEVEL
        return there and self.home_before - self.home_after <= MOST_LOST

    def in_words(self) -> str:
        """What the cells say that were not fitted on."""
        return (
            f"better on {self.better}, worse on {self.worse} of {self.checked} cells, "
            f"p = {self.p_value:.2g}"
        )
