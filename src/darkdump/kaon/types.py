"""Names of what functions of kaon mode take and return."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Indices = NDArray[np.intp]

Pair = tuple[float, float]
"""Two ends of a range."""

Estimate = tuple[float, float]
"""A number and its error."""
