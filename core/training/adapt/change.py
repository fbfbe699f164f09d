"""What adapting a bundle did to its predictions, and when that is better."""

from dataclasses import dataclass

from core.evaluation.compare import Paired

LEVEL = 0.05  # a change that chance alone makes more often than this is none
MOST_LOST = 0.005  # of the accuracy in the source laboratory
MOST_UNREFERRED = 0.05  # of the abnormal cells: so many that were referred may no longer be
NO_ATTRIBUTES = (
    "A fitted model tells no morphological attributes: those of the model before read another "
    "network."
)


@dataclass(frozen=True)
class Change:
    """What adapting did; shares from 0 to 1. A cell is right where its class is told and right.

    Attributes:
        fitted: labelled cells that were fitted on.
        checked: labelled cells that were not.
        before, after: right of those.
        better, worse: how many of those only the fitted bundle has right, and only its parent.
        home_before, home_after: right of the bundle's own reference cells of validation.
        confident_before, confident_after: predicted confidently, of the cells checked.
        abnormal: the bundle's own reference cells that are to be referred. It learnt from them.
        referred_before, referred_after: how many of those are.
    """

    fitted: int
    checked: int
    before: float
    after: float
    better: int
    worse: int
    home_before: float
    home_after: float
    confident_before: float = 0.0
    confident_after: float = 0.0
    abnormal: int = 0
    referred_before: int = 0
    referred_after: int = 0

    @property
    def p_value(self) -> float:
        """McNemar's of those cells: how often chance alone parts the two this far or further."""
        both = round(self.before * self.checked) - self.worse
        return Paired(self.checked, both, gained=self.better, lost=self.worse).p_value

    @property
    def is_better_there(self) -> bool:
        """Better in the laboratory that it was fitted to, beyond chance."""
        return self.better > self.worse and self.p_value < LEVEL

    @property
    def keeps_home(self) -> bool:
        """In the source laboratory at most half a point worse."""
        return self.home_before - self.home_after <= MOST_LOST

    @property
    def keeps_referral(self) -> bool:
        """Abnormal cells are referred as before, but for one in twenty."""
        return self.referred_before - self.referred_after <= MOST_UNREFERRED * self.abnormal

    @property
    def is_better(self) -> bool:
        """Better there, and nothing lost for it."""
        return self.is_better_there and self.keeps_home and self.keeps_referral

    def in_words(self) -> str:
        """What the cells say that were not fitted on."""
        return (
            f"better on {self.better}, worse on {self.worse} of {self.checked} cells, "
            f"p = {self.p_value:.2g}"
        )

    def statuses_in_words(self) -> str:
        """What becomes of cells before and after, apart from their class."""
        told = f"confident of {self.confident_before:.1%} before, {self.confident_after:.1%} after"
        if self.abnormal:
            told += (
                f"; of {self.abnormal} abnormal cells {self.referred_before} referred before, "
                f"{self.referred_after} after"
            )
        return told

    def why_not(self) -> list[str]:
        """Why no bundle was made; empty where it is better."""
        reasons = []
        if not self.is_better_there:
            reasons.append(
                "It is not better beyond chance on this laboratory's cells, so no model was made. "
                "More labelled cells may help: a third of them decides."
            )
        if not self.keeps_home:
            reasons.append(
                f"In the source laboratory it is right of {self.home_after:.1%} where it was of "
                f"{self.home_before:.1%}, and at most {100 * MOST_LOST:.1f} points may be lost, "
                "so no model was made. Cells of more classes may help."
            )
        if not self.keeps_referral:
            reasons.append(
                f"It refers {self.referred_after} of {self.abnormal} abnormal cells where it "
                f"referred {self.referred_before}, so no model was made. A suspected blast must "
                "not be lost."
            )
        return reasons
