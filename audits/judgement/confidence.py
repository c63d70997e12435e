"""How sure two statements are together: as sure as the less sure of them."""

from audits.judgement.words import Confidence

SURENESS = {Confidence.HIGH: 3, Confidence.MEDIUM: 2, Confidence.LOW: 1, Confidence.NONE: 0}


def least(*confidences: Confidence) -> Confidence:
    return min(confidences, key=SURENESS.__getitem__)
