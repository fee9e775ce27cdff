"""The Standard Model's prediction for K -> pi nu nubar, and the bound of Grossman and Nir."""

import math
from collections.abc import Mapping
from typing import Any

from darkdump import tables
from darkdump.kaon.types import Estimate


def _inputs(choice: str) -> dict[str, Estimate]:
    """Values and errors of the inputs by name, those of a choice over the common ones."""
    data: dict[str, Any] = tables.data_toml("kaon", "standard_model.toml")
    entries = {**data["common"], **data["choice"][choice]["input"]}
    return {name: (entry["value"], entry["error"]) for name, entry in entries.items()}


def choices() -> list[str]:
    """Names of the published sets of inputs, the default first."""
    return list(tables.data_toml("kaon", "standard_model.toml")["choice"])


def ckm(x: Mapping[str, float]) -> tuple[complex, complex]:
    """Products lambda_c = V_cs* V_cd and lambda_t = V_ts* V_td, from lambda, A, rho bar and eta bar.

    References
    ----------
    PDG review of the CKM matrix, eqs. 12.3 to 12.5 (exact in lambda).
    """
    s12, s23 = x["lambda"], x["A"] * x["lambda"] ** 2
    apex, root = complex(x["rhobar"], x["etabar"]), math.sqrt(1.0 - s23**2)
    s13 = s12 * s23 * apex * root / (math.sqrt(1.0 - s12**2) * (1.0 - s23**2 * apex))
    c12, c13 = math.sqrt(1.0 - s12**2), math.sqrt(1.0 - abs(s13) ** 2)
    v_cd, v_cs = -s12 * root - c12 * s23 * s13, c12 * root - s12 * s23 * s13
    v_td, v_ts = s12 * s23 - c12 * root * s13, -c12 * s23 - s12 * root * s13
    assert c13 > 0.0
    return v_cs.conjugate() * v_cd, v_ts.conjugate() * v_td


def _charged(x: Mapping[str, float]) -> float:
    charm, top = ckm(x)
    own = x["lambda"]
    scale = x["kappa_plus"] * (own / x["kappa_lambda"]) ** 8 * (1.0 + x["Delta_EM"])
    charm_part = charm.real / own * (x["P_c"] * (x["P_c_lambda"] / own) ** 4 + x["delta_P_cu"])
    return scale * ((top.imag * x["X_t"] / own**5) ** 2 + (charm_part + top.real * x["X_t"] / own**5) ** 2)


def _neutral(x: Mapping[str, float]) -> float:
    own, charm = x["lambda"], x["P_c"] * (x["P_c_lambda"] / x["lambda"]) ** 4 + x["delta_P_cu"]
    indirect = (
        1.0 - math.sqrt(2.0) * x["epsilon_K"] * (1.0 + charm / (x["A"] ** 2 * x["X_t"]) - x["rhobar"]) / x["etabar"]
    )
    return x["kappa_L"] * (own / x["kappa_lambda"]) ** 8 * indirect * (ckm(x)[1].imag * x["X_t"] / own**5) ** 2


def _with_error(function: Any, choice: str) -> Estimate:
    """A prediction and its error, the inputs independent and the prediction linear in each."""
    inputs = _inputs(choice)
    centre = {name: value for name, (value, _) in inputs.items()}
    value = function(centre)
    moves = [
        0.5 * (function({**centre, name: x + dx}) - function({**centre, name: x - dx}))
        for name, (x, dx) in inputs.items()
        if dx > 0.0
    ]
    return value, math.hypot(*moves)


def charged(choice: str | None = None) -> Estimate:
    """BR(K+ -> pi+ nu nubar) of the Standard Model and its error.

    kappa_+ (1 + Delta_EM) [(Im lambda_t X_t / lambda^5)^2 + (Re lambda_c P / lambda + Re lambda_t X_t / lambda^5)^2],
    lambda_q = V_qs* V_qd, P = P_c + delta P_cu; kappa_+ grows as lambda^8 and P_c falls as lambda^4 from where they are
    given.

    Parameters
    ----------
    choice : str, optional
        One of `choices`.

    References
    ----------
    Buras, Buttazzo, Girrbach-Noe, Knegjens, arXiv:1503.02693; Brod, Gorbahn, Stamou, arXiv:2105.02868; Mescia, Smith,
    arXiv:0705.2025.
    """
    return _with_error(_charged, choice or choices()[0])


def neutral(choice: str | None = None) -> Estimate:
    """BR(K_L -> pi0 nu nubar) of the Standard Model and its error; parameters and sources as for `charged`.

    kappa_L r (Im lambda_t X_t / lambda^5)^2, with r = 1 - sqrt(2) abs(epsilon_K) (1 + P / (A^2 X_t) - rho) / eta for
    the indirect violation of CP.
    """
    return _with_error(_neutral, choice or choices()[0])


def grossman_nir(charged_limit: float, factor: str = "published") -> float:
    """Bound on BR(K_L -> pi0 nu nubar) from one on BR(K+ -> pi+ nu nubar), by isospin.

    (tau_L / tau_+) / 0.954 with the lifetimes of 1997 is the published factor of 4.4; ``"today"`` takes the lifetimes
    of PDG 2024.

    References
    ----------
    Grossman, Nir, Phys. Lett. B 398 (1997) 163, hep-ph/9701313, eq. 12.
    """
    data = tables.data_toml("kaon", "standard_model.toml")["grossman_nir"]
    today = tables.lifetime("KL") / tables.lifetime("Kp") / data["isospin"]
    bound: float = charged_limit * (data["published"] if factor == "published" else today)
    return bound
