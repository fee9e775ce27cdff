"""Units and constants of nature.

One unit system: GeV for energy, momentum and mass (hbar = c = 1), metres for lengths and proper lifetimes
(c tau), radians for angles.  Cross sections are in mb where they are read from a card and 1/GeV^2 in formulas.
"""

from typing import Final

HBARC: Final = 1.973269804e-16
"""hbar c [GeV m] (CODATA 2018, exact)."""

FERMI: Final = 1e-15 / HBARC
"""One fermi [1/GeV]."""

GEV2_MB: Final = 0.3893793721
"""(hbar c)^2 [GeV^2 mb]: a cross section of 1/GeV^2 in mb (CODATA 2018)."""

ALPHA: Final = 1 / 137.035999084
"""Fine-structure constant at zero momentum (CODATA 2018)."""

TESLA_METRE: Final = 0.299792458
"""Momentum that a charge of one gets in a field of 1 T over 1 m [GeV] (exact)."""

AVOGADRO: Final = 6.02214076e23
"""Avogadro's number [1/mol] (exact)."""

G_F: Final = 1.1663788e-5
"""Fermi constant [1/GeV^2] (PDG 2024)."""

VEV: Final = 2.0**-0.25 / G_F**0.5
"""Vacuum expectation value of the Higgs field [GeV], (sqrt(2) G_F)^(-1/2)."""

HBAR: Final = 6.582119569e-25
"""hbar [GeV s] (CODATA 2018, exact)."""
