"""Fits of a signal strength and nuisance parameters to Poisson counts, and toys of them.

Counts n_i have the rates nu_i = mu s_i exp(a_i . theta) + b_i exp(c_i . theta); measured nuisance parameters are unit
normal about theta.  The negative log likelihood is counted from that of rates equal to the counts.
"""

import math

import numpy as np
from numpy.typing import NDArray

from darkdump.kernels.counts import poisson_quantile
from darkdump.kernels.jit import inlined, jit

Array = NDArray[np.float64]

ITERATIONS = 200
CONVERGED = 1e-13
"""Expected gain in log likelihood below which a fit has ended."""

EDGE = 0.1
"""Least factor by which the strength may fall in one step: a free strength stays positive."""


@inlined
def events(i: int, x: Array, s: Array, b: Array, on_s: Array, on_b: Array) -> tuple[float, float]:
    """Events of channel i: signal at mu = 1, and background."""
    up, down = 0.0, 0.0
    for j in range(x.size - 1):
        up += on_s[i, j] * x[1 + j]
        down += on_b[i, j] * x[1 + j]
    return s[i] * math.exp(up), b[i] * math.exp(down)


@jit
def cost(x: Array, n: Array, measured: Array, s: Array, b: Array, on_s: Array, on_b: Array) -> float:
    """Negative log likelihood of x = (mu, theta); infinite where events are impossible."""
    total = 0.0
    for j in range(measured.size):
        total += 0.5 * (x[1 + j] - measured[j]) ** 2
    for i in range(n.size):
        one, background = events(i, x, s, b, on_s, on_b)
        rate = x[0] * one + background
        if n[i] > 0.0:
            if rate <= 0.0:
                return math.inf
            total += rate - n[i] - n[i] * math.log(rate / n[i])
        else:
            total += rate
    return total


@jit
def curvature(
    x: Array,
    n: Array,
    measured: Array,
    s: Array,
    b: Array,
    on_s: Array,
    on_b: Array,
    gradient: Array,
    hessian: Array,
    expected: Array,
) -> None:
    """Gradient, Hessian and Fisher information (Hessian for n = nu, positive definite) of `cost`; written to."""
    size = x.size
    hessian[:] = 0.0
    expected[:] = 0.0
    gradient[0] = 0.0
    for j in range(1, size):
        gradient[j] = x[j] - measured[j - 1]
        hessian[j, j] = expected[j, j] = 1.0
    slope = np.empty(size)
    for i in range(n.size):
        one, background = events(i, x, s, b, on_s, on_b)
        signal = x[0] * one
        rate = signal + background
        if rate <= 0.0:
            gradient[0] += one
            continue
        ratio = n[i] / rate
        slope[0] = one
        for j in range(1, size):
            slope[j] = signal * on_s[i, j - 1] + background * on_b[i, j - 1]
        for j in range(size):
            gradient[j] += (1.0 - ratio) * slope[j]
            for k in range(j + 1):
                if j == 0:
                    second = 0.0
                elif k == 0:
                    second = one * on_s[i, j - 1]
                else:
                    second = signal * on_s[i, j - 1] * on_s[i, k - 1] + background * on_b[i, j - 1] * on_b[i, k - 1]
                outer = slope[j] * slope[k] / rate
                expected[j, k] += outer
                hessian[j, k] += ratio * outer + (1.0 - ratio) * second


@jit
def solve(matrix: Array, first: int, gradient: Array, step: Array) -> bool:
    """Step -matrix^-1 gradient of the parameters from `first` on, by Cholesky; whether the matrix is positive definite.

    The lower triangle of `matrix` is overwritten.
    """
    size = gradient.size
    for j in range(first, size):
        for k in range(first, j + 1):
            total = matrix[j, k]
            for m in range(first, k):
                total -= matrix[j, m] * matrix[k, m]
            if j > k:
                matrix[j, k] = total / matrix[k, k]
            elif total > 1e-12 * abs(matrix[j, j]):
                matrix[j, j] = math.sqrt(total)
            else:
                return False
    step[:] = 0.0
    for j in range(first, size):
        total = -gradient[j]
        for m in range(first, j):
            total -= matrix[j, m] * step[m]
        step[j] = total / matrix[j, j]
    for j in range(size - 1, first - 1, -1):
        total = step[j]
        for m in range(j + 1, size):
            total -= matrix[m, j] * step[m]
        step[j] = total / matrix[j, j]
    return True


@jit
def descend(x: Array, first: int, n: Array, measured: Array, s: Array, b: Array, on_s: Array, on_b: Array) -> float:
    """Least cost, by Newton steps that are halved until they gain; from x, which is written to.

    `first` is 0 for a free strength, which must start positive, and 1 for a fixed one.
    """
    gradient, step, trial = np.empty(x.size), np.empty(x.size), np.empty(x.size)
    hessian, expected = np.empty((x.size, x.size)), np.empty((x.size, x.size))
    best = cost(x, n, measured, s, b, on_s, on_b)
    for _ in range(ITERATIONS):
        curvature(x, n, measured, s, b, on_s, on_b, gradient, hessian, expected)
        if not solve(hessian, first, gradient, step) and not solve(expected, first, gradient, step):
            break
        gain = 0.0
        for j in range(first, x.size):
            gain -= gradient[j] * step[j]
        if gain < CONVERGED:
            break
        size = 1.0
        while first == 0 and x[0] + size * step[0] < EDGE * x[0]:
            size *= 0.5
        improved = False
        while size > 1e-10 and not improved:
            for j in range(x.size):
                trial[j] = x[j] + size * step[j]
            found = cost(trial, n, measured, s, b, on_s, on_b)
            improved = found < best
            size *= 0.5
        if not improved:
            break
        best = found
        x[:] = trial
    return best


@jit
def at_strength(mu: float, x: Array, n: Array, measured: Array, s: Array, b: Array, on_s: Array, on_b: Array) -> float:
    """Least cost at a strength, and its parameters x."""
    x[0] = mu
    x[1:] = measured
    return descend(x, 1, n, measured, s, b, on_s, on_b)


@jit
def best_strength(x: Array, n: Array, measured: Array, s: Array, b: Array, on_s: Array, on_b: Array) -> float:
    """Least cost at any strength that is not negative, and its parameters x."""
    least = at_strength(0.0, x, n, measured, s, b, on_s, on_b)
    if least < math.inf:
        gradient, matrix = np.empty(x.size), np.empty((x.size, x.size))
        curvature(x, n, measured, s, b, on_s, on_b, gradient, matrix, matrix)
        if gradient[0] >= 0.0:
            return least
    x[0] = max(n.sum() - b.sum(), 0.1 * (1.0 + n.sum())) / s.sum()
    x[1:] = measured
    return descend(x, 0, n, measured, s, b, on_s, on_b)


@jit
def q_tilde(mu: float, n: Array, measured: Array, s: Array, b: Array, on_s: Array, on_b: Array) -> float:
    """Test statistic of an upper limit: -2 ln of the profile likelihood ratio, 0 if the best strength is above mu."""
    x = np.empty(1 + measured.size)
    least = best_strength(x, n, measured, s, b, on_s, on_b)
    if x[0] >= mu:
        return 0.0
    return max(2.0 * (at_strength(mu, x, n, measured, s, b, on_s, on_b) - least), 0.0)


@jit
def chance_above(
    observed: float,
    mu: float,
    rates: Array,
    centre: Array,
    uniforms: Array,
    normals: Array,
    s: Array,
    b: Array,
    on_s: Array,
    on_b: Array,
) -> float:
    """Chance that q-tilde of mu is at least the observed one, among toys.

    Parameters
    ----------
    rates : ndarray, shape (c,)
        Expected counts of the toys.
    centre : ndarray, shape (k,)
        Nuisance parameters of the toys.
    uniforms, normals : ndarray, shape (t, c) and (t, k)
        What chooses the counts, and the measured nuisance parameters less `centre`.
    """
    n, above = np.empty(rates.size), 0
    for t in range(uniforms.shape[0]):
        for i in range(rates.size):
            n[i] = poisson_quantile(uniforms[t, i], rates[i])
        if q_tilde(mu, n, centre + normals[t], s, b, on_s, on_b) >= observed - 1e-9 * (1.0 + observed):
            above += 1
    return above / len(uniforms)
