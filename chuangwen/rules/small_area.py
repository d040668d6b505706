"""Streets with few points: an estimate that borrows strength from the others.

Method: R. E. Fay and R. A. Herriot, Estimates of income for small places, JASA 74 (1979) 269-277; variance by restricted
maximum likelihood with Fisher scoring, mean squared error after Datta and Lahiri, Statistica Sinica 10 (2000) 613-627
(g1 + g2 + 2 g3). The worked example of the R package sae (43 areas, expenditure on milk) is a test.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chuangwen.rules.refusals import BadInput

Array = NDArray[np.float64]
_STEPS, _SMALL = 200, 1e-10


@dataclass(frozen=True)
class SmallAreaFit:
    """`estimates` per area, `mse` their mean squared errors, `weights` how much of the own figure is kept (0 to 1),
    `coefficients` of the covariates, `variance` between the areas beyond them.
    """

    estimates: tuple[float, ...]
    mse: tuple[float, ...]
    weights: tuple[float, ...]
    coefficients: tuple[float, ...]
    variance: float


def fay_herriot(
    direct: Sequence[float], variances: Sequence[float], covariates: Sequence[Sequence[float]]
) -> SmallAreaFit:
    """Shrink direct estimates towards what their covariates say, the more the less sure the direct one is.

    `variances` are the sampling variances of `direct`; a row of `covariates` an area, with a 1 for the constant.
    """
    y, psi, x = _checked(direct, variances, covariates)
    variance = _reml(y, psi, x)
    inverse = 1 / (variance + psi)
    information = _inverse((x * inverse[:, None]).T @ x)
    beta = information @ ((x * inverse[:, None]).T @ y)
    keep = variance * inverse
    fitted = x @ beta
    estimates = fitted + keep * (y - fitted)
    g1 = keep * psi
    leverage: Any = np.einsum("ij,jk,ik->i", x, information, x)
    g2 = (1 - keep) ** 2 * leverage
    g3 = psi**2 * inverse**3 * (2 / float((inverse**2).sum()))
    mse = g1 + g2 + 2 * g3
    return SmallAreaFit(_plain(estimates), _plain(mse), _plain(keep), _plain(beta), float(variance))


def _plain(values: Any) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _checked(
    direct: Sequence[float], variances: Sequence[float], covariates: Sequence[Sequence[float]]
) -> tuple[Array, Array, Array]:
    y, psi, x = (np.asarray(table, dtype=float) for table in (direct, variances, covariates))
    objections = []
    if not (len(y) == len(psi) == len(x)) or x.ndim != 2:
        objections.append("各单位的得分、误差和说明变量须一样多。")
    elif len(y) <= x.shape[1]:
        objections.append(f"只有 {len(y)} 个单位，说明变量有 {x.shape[1]} 个，单位须更多。")
    if len(psi) and (np.any(~np.isfinite(psi)) or np.any(psi <= 0)):
        objections.append("各单位得分的方差须大于 0。")
    if objections:
        raise BadInput(objections)
    return y, psi, x


def _inverse(matrix: Array) -> Array:
    try:
        return np.asarray(np.linalg.inv(matrix), dtype=np.float64)
    except np.linalg.LinAlgError as error:
        raise BadInput("说明变量之间有重复，请去掉一个。") from error


def _reml(y: Array, psi: Array, x: Array) -> float:
    """The variance between areas, never below zero (Fisher scoring from the median sampling variance)."""
    variance = float(np.median(psi))
    for _step in range(_STEPS):
        inverse = 1 / (variance + psi)
        weighted = x * inverse[:, None]
        projection = np.diag(inverse) - weighted @ _inverse(weighted.T @ x) @ weighted.T
        residual = projection @ y
        score = -0.5 * float(np.trace(projection)) + 0.5 * float(residual @ residual)
        change = score / (0.5 * float((projection * projection).sum()))
        variance = max(0.0, variance + change)
        if abs(change) < _SMALL * max(1.0, variance):
            break
    return variance
