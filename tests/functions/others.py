"""Backward passes of further problems, right and wrong."""

from __future__ import annotations

from typing import Any

import numpy as np


def rms(x: Any, gamma: Any, eps: Any, dy: Any) -> Any:
    s = np.sqrt((x**2).mean(1, keepdims=True) + eps)
    xhat, dxhat = x / s, dy * gamma
    return (dy * xhat).sum(0), (dxhat - xhat * (dxhat * xhat).mean(1, keepdims=True)) / s


def _probabilities(z: Any) -> Any:
    e = np.exp(z - z.max())
    return e / e.sum()


def softmax(z: Any, t: Any) -> Any:
    return _probabilities(z) * t.sum() - t


def softmax_usual(z: Any, target: Any) -> Any:
    return _probabilities(z) - target


def softmax_jacobian(p: Any) -> Any:
    return np.diag(p) - np.outer(p, p)


def tanh(x: Any, w: Any, y: Any) -> Any:
    a = np.tanh(x @ w)
    return 2 * x.T @ ((a - y) * (1 - a**2)) / len(y)


def convolution(x: Any, w: Any, dy: Any, stride: int, padding: int, dilation: int) -> dict[str, Any]:
    wide = np.pad(x, ((0, 0), (padding, padding)))
    dwide, dw = np.zeros_like(wide), np.zeros_like(w)
    for t in range(dy.shape[1]):
        for k in range(w.shape[2]):
            n = t * stride + k * dilation
            if n < wide.shape[1]:
                dwide[:, n] += w[:, :, k] @ dy[:, t]
                dw[:, :, k] += np.outer(wide[:, n], dy[:, t])
    return {"dx": dwide[:, padding : padding + x.shape[1]], "dw": dw}


def update_rule(w: Any, x: Any, eps: Any, gamma: Any, beta: Any, wout: Any, t: Any) -> Any:
    z = x @ w.T if x.shape[-1] == w.shape[-1] else x.T @ w.T
    xhat = (z - z.mean(0)) / np.sqrt(z.var(0) + eps)
    h = 1 / (1 + np.exp(-(gamma * xhat + beta)))
    pull = (wout * h - t) * wout * h * (1 - h)
    return (pull * xhat).sum(0), pull.sum(0)


WRONG = [
    ("rms_norm", "mean square frozen", lambda x, gamma, eps, dy: (
        rms(x, gamma, eps, dy)[0], dy * gamma / np.sqrt((x**2).mean(1, keepdims=True) + eps),
    ), "the root mean square treated as a constant"),
    ("rms_norm", "sum of squares", lambda x, gamma, eps, dy: (
        rms(x, gamma, eps, dy)[0], rms(x, gamma, eps, dy)[1] * 2,
    ), "the right gradient times 2"),
    ("softmax_cross_entropy", "targets that sum to one", softmax_usual, "prediction minus target"),
    ("softmax_cross_entropy", "sign", lambda z, t: -softmax(z, t), "its sign turned round"),
    ("softmax_cross_entropy", "target twice", lambda z, t: softmax(z, t) - t, "the right gradient less t[k]"),
    ("tanh_mse", "not damped", lambda x, w, y: 2 * x.T @ (np.tanh(x @ w) - y) / len(y), "the slope of tanh forgotten"),
    ("tanh_mse", "a sum for the mean", lambda x, w, y: tanh(x, w, y) * len(y), "the factor 1/N missing"),
    ("tanh_mse", "half", lambda x, w, y: tanh(x, w, y) / 2, "the factor 2 missing"),
    ("tanh_mse", "one minus tanh", lambda x, w, y: 2 * x.T @ (
        (np.tanh(x @ w) - y) * (1 - np.tanh(x @ w))) / len(y), "the exponent 1 in place of 2 on a[n]"),
    ("conv_jacobian", "stride", lambda x, w, dy, stride, padding, dilation: {
        "dx": convolution(x, w, dy, 1, padding, dilation)["dx"],
        "dw": convolution(x, w, dy, stride, padding, dilation)["dw"],
    }, "the stride left out on the way back"),
    ("conv_jacobian", "kernel turned round", lambda x, w, dy, stride, padding, dilation: {
        "dx": convolution(x, w[:, :, ::-1], dy, stride, padding, dilation)["dx"],
        "dw": convolution(x, w, dy, stride, padding, dilation)["dw"],
    }, "the kernel not reversed"),
    ("conv_jacobian", "dilation ignored", lambda x, w, dy, stride, padding, dilation: {
        "dx": convolution(x, w, dy, stride, padding, dilation)["dx"],
        "dw": convolution(x, w, dy, stride, padding, 1)["dw"],
    }, "with q taken as 1"),
    ("conv_jacobian", "padding ignored", lambda x, w, dy, stride, padding, dilation: {
        "dx": convolution(x, w, dy, stride, padding, dilation)["dx"],
        "dw": convolution(x, w, dy, stride, 0, dilation)["dw"],
    }, "with p taken as 0"),
]  # fmt: skip
