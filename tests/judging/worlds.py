r"""Elementwise problems once more, in NumPy: inputs by their plain names into every quantity by its LaTeX.

Nothing of `derive` is used here: `{i}` in a name stands for an index, whose entries the value has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, TypeAlias

import numpy as np

Values: TypeAlias = "dict[str, Any]"


class World:
    """A problem, the size that its index runs to, the letters of that index, and its values at a point."""

    def __init__(
        self,
        problem: str,
        size: str,
        letters: str,
        shapes: Mapping[str, tuple[str, ...]],
        quantities: Callable[[Values, Mapping[str, int]], Values | None],
        rows: str = "",
        scale: float = 1.0,
    ) -> None:
        self.problem, self.size, self.letters, self.shapes, self.quantities = problem, size, letters, shapes, quantities
        self.rows, self.scale = (
            rows,
            scale,
        )  # the letter of a second index, which stands first; and how large inputs are

    def drawn(self, rng: Random) -> tuple[dict[str, int], Values]:
        """Sizes from 1 to 4 and inputs, small whole numbers in half of the cases."""
        numbers = np.random.default_rng(rng.randrange(10**9))
        axes = sorted({axis for shape in self.shapes.values() for axis in shape})
        sizes = {axis: rng.randint(1, 4 if axis == self.size else 2) for axis in axes}
        whole, inputs = rng.random() < 0.5, {}
        for name, shape in self.shapes.items():
            lengths = tuple(sizes[axis] for axis in shape)
            drawn = numbers.integers(-4, 5, lengths).astype(float) if whole else 2 * numbers.normal(size=lengths)
            inputs[name] = self.scale * drawn
        if "eps" in inputs:
            inputs["eps"] = np.array(rng.choice((0.0, 0.5, 1.0)))
        return sizes, inputs

    def at(self, sizes: Mapping[str, int], inputs: Values) -> Values | None:
        """Every quantity; None where the problem has none, such as where the variance is zero."""
        with np.errstate(all="ignore"):
            return self.quantities(inputs, sizes)


def batch_norm(v: Values, sizes: Mapping[str, int]) -> Values | None:
    m, x, g, gamma, beta, eps = sizes["m"], v["x"], v["df/dy"], v["gamma"], v["beta"], v["eps"]
    mu = x.sum() / m
    var = ((x - mu) ** 2).sum() / m
    if var + eps < 1e-9:
        return None
    s = np.sqrt(var + eps)
    xhat = (x - mu) / s
    dxhat = gamma * g
    dvar = -0.5 * (dxhat * (x - mu)).sum() / s**3
    dmu = -dxhat.sum() / s
    return {
        "m": m, r"\gamma": gamma, r"\beta": beta, r"\epsilon": eps, r"\mu": mu, r"\sigma^2": var,
        "x_{i}": x, r"\hat{x}_{i}": xhat, "y_{i}": gamma * xhat + beta, r"\frac{\partial f}{\partial y_{i}}": g,
        r"\frac{\partial f}{\partial \hat{x}_{i}}": dxhat, r"\frac{\partial f}{\partial \gamma}": (g * xhat).sum(),
        r"\frac{\partial f}{\partial \beta}": g.sum(), r"\frac{\partial f}{\partial \sigma^2}": dvar,
        r"\frac{\partial f}{\partial \mu}": dmu,
        r"\frac{\partial f}{\partial x_{i}}": dxhat / s + dvar * 2 * (x - mu) / m + dmu / m,
    }  # fmt: skip


def layer_norm(v: Values, sizes: Mapping[str, int]) -> Values | None:
    x, g, gamma, eps = v["x"], v["df/dy"], v["gamma"], v["eps"]
    mu, var = x.mean(axis=1), x.var(axis=1)
    if (var + eps < 1e-9).any():
        return None
    s = np.sqrt(var + eps)
    xhat = (x - mu[:, None]) / s[:, None]
    dxhat = gamma * g
    back = dxhat - dxhat.mean(axis=1, keepdims=True) - xhat * (dxhat * xhat).mean(axis=1, keepdims=True)
    return {
        "C": sizes["C"], "N": sizes["N"], r"\epsilon": eps, r"\mu_n": mu, r"\sigma^2_n": var, "x_{n,i}": x,
        r"\hat{x}_{n,i}": xhat, "y_{n,i}": gamma * xhat + v["beta"], r"\frac{\partial f}{\partial y_{n,i}}": g,
        r"\frac{\partial f}{\partial \hat{x}_{n,i}}": dxhat, r"\frac{\partial f}{\partial x_{n,i}}": back / s[:, None],
    }  # fmt: skip


def rms_norm(v: Values, sizes: Mapping[str, int]) -> Values | None:
    x, g, gamma, eps = v["x"], v["df/dy"], v["gamma"], v["eps"]
    r = (x**2).mean(axis=1)
    if (r + eps < 1e-9).any():
        return None
    s = np.sqrt(r + eps)[:, None]
    xhat, dxhat = x / s, gamma * g
    return {
        "C": sizes["C"], "N": sizes["N"], r"\epsilon": eps, "r_n": r, "x_{n,i}": x, r"\hat{x}_{n,i}": xhat,
        "y_{n,i}": gamma * xhat, r"\frac{\partial f}{\partial y_{n,i}}": g,
        r"\frac{\partial f}{\partial \hat{x}_{n,i}}": dxhat,
        r"\frac{\partial f}{\partial x_{n,i}}": (dxhat - xhat * (dxhat * xhat).mean(axis=1, keepdims=True)) / s,
    }  # fmt: skip


def softmax(v: Values, sizes: Mapping[str, int]) -> Values:
    z, t = v["z"], v["t"]
    p = np.exp(z) / np.exp(z).sum()
    return {
        "K": sizes["K"], "L": -(t * np.log(p)).sum(), "z_{i}": z, "t_{i}": t, "p_{i}": p,
        r"\frac{\partial L}{\partial z_{i}}": p * t.sum() - t, r"\frac{\partial L}{\partial p_{i}}": -t / p,
    }  # fmt: skip


def tanh_neuron(v: Values, sizes: Mapping[str, int]) -> Values:
    z = v["x"] @ v["w"]
    a = np.tanh(z)
    return {"N": sizes["N"], "E": ((a - v["y"]) ** 2).mean(), "z_{i}": z, "a_{i}": a, "y_{i}": v["y"]}


NORMALIZED = {"x": ("N", "C"), "df/dy": ("N", "C"), "gamma": ("C",), "eps": ()}
WORLDS = (
    World("bn_backward", "m", "ijk", {"x": ("m",), "df/dy": ("m",), "gamma": (), "beta": (), "eps": ()}, batch_norm),
    World("layer_norm", "C", "ckl", {**NORMALIZED, "beta": ("C",)}, layer_norm, "n"),
    World("rms_norm", "C", "ckl", NORMALIZED, rms_norm, "n"),
    World("softmax_cross_entropy", "K", "kji", {"z": ("K",), "t": ("K",)}, softmax, scale=0.5),
    World("tanh_mse", "N", "nmk", {"x": ("N", "D"), "w": ("D",), "y": ("N",)}, tanh_neuron, scale=0.75),
)
