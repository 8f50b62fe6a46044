"""Backward passes as students write them: right ones in several forms, and wrong ones with what each must be told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Function = Callable[..., Any]


def _normalized(x: Any, eps: Any, axis: int | None = None) -> tuple[Any, Any, Any, Any]:
    keep = axis is not None
    mu = x.mean(axis=axis, keepdims=keep)
    var = ((x - mu) ** 2).mean(axis=axis, keepdims=keep)
    return mu, var, np.sqrt(var + eps), (x - mu) / np.sqrt(var + eps)


# -- batch normalization ---------------------------------------------------------------------------------------------


def bn_staged(x: Any, gamma: Any, eps: Any, dy: Any) -> tuple[Any, Any, Any]:
    m = len(x)
    mu, _, s, xhat = _normalized(x, eps)
    dxhat = gamma * dy
    dvar = -0.5 * (dxhat * (x - mu)).sum() / s**3
    dmu = -dxhat.sum() / s - 2 * dvar * (x - mu).mean()
    return (dy * xhat).sum(), dy.sum(), dxhat / s + dvar * 2 * (x - mu) / m + dmu / m


def bn_closed(x: Any, eps: Any, gamma: Any, dy: Any) -> tuple[Any, Any, Any]:
    m = len(x)
    _, _, s, xhat = _normalized(x, eps)
    dx = gamma / (m * s) * (m * dy - dy.sum() - xhat * (dy * xhat).sum())
    return (dy * xhat).sum(), dy.sum(), dx


def bn_moments(dout: Any, x: Any, gamma: Any, eps: Any) -> dict[str, Any]:
    """The variance as a difference of moments, the gradient as means."""
    var = (x**2).mean() - x.mean() ** 2
    xhat = (x - x.mean()) / np.sqrt(var + eps)
    dx = gamma / np.sqrt(var + eps) * (dout - dout.mean() - xhat * (dout * xhat).mean())
    return {"dx": dx, "dgamma": np.dot(dout, xhat), "dbeta": np.sum(dout)}


def bn_matrix(x: Any, gamma: Any, eps: Any, dy: Any) -> tuple[Any, Any, Any]:
    m = len(x)
    _, _, s, xhat = _normalized(x, eps)
    matrix = np.eye(m, dtype=x.dtype) - np.ones((m, m), dtype=x.dtype) / m - np.outer(xhat, xhat) / m
    return xhat @ dy, dy.sum(), gamma / s * (matrix @ dy)


BN_RIGHT = (bn_staged, bn_closed, bn_moments, bn_matrix)


def bn_dx(change: Callable[..., Any]) -> Function:
    """A wrong dx, made of the quantities of the layer."""

    def backward(x: Any, gamma: Any, eps: Any, dy: Any) -> tuple[Any, Any, Any]:
        mu, var, s, xhat = _normalized(x, eps)
        return (dy * xhat).sum(), dy.sum(), change(len(x), x, gamma, eps, dy, mu, var, s, xhat)

    return backward


def _staged(m: Any, x: Any, g: Any, e: Any, dy: Any, mu: Any, v: Any, s: Any, h: Any, *, half: float = 0.5,
            power: float = 3, variance: bool = True, mean: bool = True, two: float = 2) -> Any:  # fmt: skip
    dvar = -half * (g * dy * (x - mu)).sum() / s**power * variance
    dmu = -(g * dy).sum() / s * mean
    return g * dy / s + dvar * two * (x - mu) / m + dmu / m


def _closed(m: Any, g: Any, dy: Any, s: Any, h: Any) -> Any:
    return g / (m * s) * (m * dy - dy.sum() - h * (dy * h).sum())


BN_WRONG: dict[str, tuple[Function, str]] = {
    "mean frozen": (bn_dx(lambda *q: _staged(*q, mean=False)), "the mean treated as a constant"),
    "variance frozen": (bn_dx(lambda *q: _staged(*q, variance=False)), "the variance treated as a constant"),
    "both frozen": (bn_dx(lambda m, x, g, e, dy, mu, v, s, h: g * dy / s), "paths through mu and var dropped"),
    "gamma lost": (
        bn_dx(lambda m, x, g, e, dy, mu, v, s, h: (dy - dy.mean() - h * (dy * h).mean()) / s),
        "df/dy used where gamma*df/dy is meant",
    ),
    "half lost in dvar": (bn_dx(lambda *q: _staged(*q, half=1)), "the factor 2 twice in 2*df/dvar/m"),
    "exponent in dvar": (bn_dx(lambda *q: _staged(*q, power=1)), "the exponent"),
    "two lost": (bn_dx(lambda *q: _staged(*q, two=1)), "the factor 2 missing"),
    "sign": (bn_dx(lambda *q: -_staged(*q)), "its sign turned round"),
    "times m": (bn_dx(lambda m, *q: m * _staged(m, *q)), "factor 1/m missing"),
    "one sum not divided": (
        bn_dx(lambda m, x, g, e, dy, mu, v, s, h: g / s * (dy - dy.sum() - h * (dy * h).mean())),
        "1/m",
    ),
    "eps left out": (
        bn_dx(lambda m, x, g, e, dy, mu, v, s, h: _staged(m, x, g, 0, dy, mu, v, np.sqrt(v), (x - mu) / np.sqrt(v))),
        "eps taken as 0",
    ),
    "m - 1 in the variance": (
        bn_dx(
            lambda m, x, g, e, dy, mu, v, s, h: _staged(m, x, g, e, dy, mu, v, np.sqrt(v * m / max(m - 1, 1) + e), h)
        ),
        "m - 1 in place of m",
    ),
    "mean term not subtracted": (
        bn_dx(lambda m, x, g, e, dy, mu, v, s, h: g / s * (dy + dy.mean() - h * (dy * h).mean())),
        "sign of",
    ),
    "sum inside": (
        bn_dx(lambda m, x, g, e, dy, mu, v, s, h: g / (m * s) * (m * dy - dy.sum() - h * dy * h)),
        "the sum over j missing in sum(df/dy[j]*xhat[j], j)",
    ),
    "dxhat for dx": (bn_dx(lambda m, x, g, e, dy, mu, v, s, h: g * dy), "df/dxhat[i], not df/dx[i]"),
    "eps outside": (
        bn_dx(lambda m, x, g, e, dy, mu, v, s, h: _closed(m, g, dy, np.sqrt(v) + e, (x - mu) / (np.sqrt(v) + e))),
        "eps outside of the square root",
    ),
    "x for xhat": (
        bn_dx(lambda m, x, g, e, dy, mu, v, s, h: _closed(m, g, dy, s, x)),
        "x[i] used where xhat[i] is meant",
    ),
    "std forgotten": (
        bn_dx(lambda m, x, g, e, dy, mu, v, s, h: s * _staged(m, x, g, e, dy, mu, v, s, h)),
        "factor 1/sqrt(var + eps) missing",
    ),
}


# -- layer normalization ---------------------------------------------------------------------------------------------


def ln_right(x: Any, gamma: Any, eps: Any, dy: Any) -> tuple[Any, Any, Any]:
    _, _, s, xhat = _normalized(x, eps, 1)
    dxhat = dy * gamma
    dx = (dxhat - dxhat.mean(1, keepdims=True) - xhat * (dxhat * xhat).mean(1, keepdims=True)) / s
    return (dy * xhat).sum(0), dy.sum(0), dx


def ln_loops(x: Any, gamma: Any, eps: Any, dy: Any) -> tuple[Any, Any, Any]:
    rows = [ln_right(x[n : n + 1], gamma, eps, dy[n : n + 1]) for n in range(len(x))]
    return sum(row[0] for row in rows), sum(row[1] for row in rows), np.concatenate([row[2] for row in rows])


LN_RIGHT = (ln_right, ln_loops)


def ln(dgamma: Any = None, dbeta: Any = None, dx: Any = None) -> Function:
    """A layer with one of its gradients replaced."""

    def backward(x: Any, gamma: Any, eps: Any, dy: Any) -> tuple[Any, Any, Any]:
        _, _, s, xhat = _normalized(x, eps, 1)
        right = list(ln_right(x, gamma, eps, dy))
        for k, change in enumerate((dgamma, dbeta, dx)):
            if change is not None:
                right[k] = change(x, gamma, eps, dy, dy * gamma, s, xhat)
        return right[0], right[1], right[2]

    return backward


def _mean(a: Any) -> Any:
    return a.mean(1, keepdims=True)


LN_WRONG: dict[str, tuple[Function, str]] = {
    "gamma outside": (
        ln(dx=lambda x, g, e, dy, dh, s, h: g * (dy - _mean(dy) - h * _mean(dy * h)) / s),
        "gamma[c] pulled out of the sums",
    ),
    "mean frozen": (ln(dx=lambda x, g, e, dy, dh, s, h: (dh - h * _mean(dh * h)) / s), "mean treated as a constant"),
    "variance frozen": (ln(dx=lambda x, g, e, dy, dh, s, h: (dh - _mean(dh)) / s), "path through var[n] dropped"),
    "sums over the rows": (
        ln(dx=lambda x, g, e, dy, dh, s, h: (dh - dh.mean(0) - h * (dh * h).mean(0)) / s),
        "its sums over n instead of c",
    ),
    "dgamma over the other axis": (ln(dgamma=lambda x, g, e, dy, dh, s, h: (dy * h).sum(1)), "over c instead of n"),
    "dgamma not summed": (ln(dgamma=lambda x, g, e, dy, dh, s, h: dy * h), "the sum over n missing"),
    "dgamma a mean": (ln(dgamma=lambda x, g, e, dy, dh, s, h: (dy * h).mean(0)), "N"),
    "dbeta kept": (ln(dbeta=lambda x, g, e, dy, dh, s, h: dy.sum(0, keepdims=True)), "an axis of length 1"),
    "dbeta of dxhat": (ln(dbeta=lambda x, g, e, dy, dh, s, h: dh.sum(0)), "the right gradient times gamma[c]"),
    "transposed": (ln(dx=lambda x, g, e, dy, dh, s, h: ((dh - _mean(dh) - h * _mean(dh * h)) / s).T), "transposed"),
    "times C": (
        ln(dx=lambda x, g, e, dy, dh, s, h: x.shape[1] * (dh - _mean(dh) - h * _mean(dh * h)) / s),
        "factor 1/C missing",
    ),
    "gamma forgotten": (
        ln(dx=lambda x, g, e, dy, dh, s, h: (dy - _mean(dy) - h * _mean(dy * h)) / s),
        "df/dy[n, c] used where df/dxhat[n, c] is meant",
    ),
    "dgamma and dbeta swapped": (
        ln(dgamma=lambda x, g, e, dy, dh, s, h: dy.sum(0), dbeta=lambda x, g, e, dy, dh, s, h: (dy * h).sum(0)),
        "df/dbeta[c], not df/dgamma[c]",
    ),
}
