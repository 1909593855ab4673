"""Text nets in float64 NumPy, character by character and from the books' formulas: the oracle of these tests."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from engines.descriptions import Choice
from engines.nets.recurrent import net as nets
from engines.nets.recurrent.transformer import heads

ALPHABET = 5
CARRIED = {"rnn": 1, "gru": 1, "lstm": 2, "transformer": 0}
MATRICES = {"rnn": 2, "gru": 2, "lstm": 2, "transformer": 6}


def described(cell, layers=2, units=4, embedding=0, dropout=0.0, initializer="xavier"):
    """Stands for a RecurrentNet, without its bounds: tests want nets of a few units."""
    choice = Choice(key=initializer, settings={})
    return SimpleNamespace(cell=cell, layers=layers, units=units, embedding=embedding, dropout=dropout, initializer=choice)


def random_weights(net, alphabet=ALPHABET, seed=3):
    """float64, with biases and gains that are not those of a start."""
    rng = np.random.default_rng(seed)
    return [
        (w + rng.normal(0, 0.2, w.shape), b + rng.normal(0, 0.4, b.shape)) for w, b in nets.initial_weights(net, alphabet, seed)
    ]


def single(tree):
    """A tree of lists and tuples in float32."""
    return tuple(single(part) for part in tree) if isinstance(tree, list | tuple) else np.asarray(tree, np.float32)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def rnn(pairs, x, state):
    (w, b), (u, _) = pairs
    h = np.tanh(x @ w + b + state[0] @ u)
    return (h,), {"h": h}


def gru(pairs, x, state):
    (w, b), (u, c) = pairs
    n = u.shape[0]
    (h,) = state
    r = sigmoid(x @ w[:, :n] + b[:n] + h @ u[:, :n] + c[:n])
    z = sigmoid(x @ w[:, n : 2 * n] + b[n : 2 * n] + h @ u[:, n : 2 * n] + c[n : 2 * n])
    new = np.tanh(x @ w[:, 2 * n :] + b[2 * n :] + r * (h @ u[:, 2 * n :] + c[2 * n :]))
    h = (1 - z) * new + z * h
    return (h,), {"h": h, "r": r, "z": z, "n": new}


def lstm(pairs, x, state):
    (w, b), (u, _) = pairs
    n = u.shape[0]
    h, c = state
    i, f, g, o = (x @ w[:, k * n : (k + 1) * n] + b[k * n : (k + 1) * n] + h @ u[:, k * n : (k + 1) * n] for k in range(4))
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    c = f * c + i * g
    h = o * np.tanh(c)
    return (h, c), {"h": h, "i": i, "f": f, "g": g, "o": o, "c": c}


STEPS = {"rnn": rnn, "gru": gru, "lstm": lstm}


def normalised(pair, x):
    gain, bias = pair
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5) * gain[0] + bias


def turned(x, position):
    """One head (d,) at a position: pairs (k, k + d/2) are complex numbers, turned at speeds 10000^(-k / (d/2))."""
    half = len(x) // 2
    z = (x[:half] + 1j * x[half : 2 * half]) * np.exp(1j * position * 10_000.0 ** (-np.arange(half) / max(half, 1)))
    return np.concatenate([z.real, z.imag, x[2 * half :]])


def attended(queries, keys, values, t, window):
    """What the character at t gathers from those at most window - 1 before it; one text: (T, u) each."""
    count, out = heads(queries.shape[1]), []
    d = queries.shape[1] // count
    past = range(max(0, t - window + 1), t + 1)
    for n in range(count):
        part = slice(n * d, (n + 1) * d)
        scores = np.array([turned(queries[t, part], t) @ turned(keys[s, part], s) for s in past]) / np.sqrt(d)
        shares = np.exp(scores - scores.max())
        out.append(sum(share * values[s, part] for share, s in zip(shares / shares.sum(), past, strict=True)))
    return np.concatenate(out)


def block(pairs, x, window):
    """x (T, B, u) through a transformer's block."""
    first, (qkv, qkv_b), (out, out_b), second, (wide, wide_b), (narrow, narrow_b) = pairs
    q, k, v = np.split(normalised(first, x) @ qkv + qkv_b, 3, -1)
    mixed = np.array([[attended(q[:, b], k[:, b], v[:, b], t, window) for b in range(x.shape[1])] for t in range(len(x))])
    x = x + mixed @ out + out_b
    inner = normalised(second, x) @ wide + wide_b
    inner = 0.5 * inner * (1 + np.tanh(np.sqrt(2 / np.pi) * (inner + 0.044715 * inner**3)))
    return x + inner @ narrow + narrow_b


def forward(net, weights, ids, state=None, window=10**9, nudge=None):
    """Logits (T, B, A), the last state, and what every layer showed, {name: (T, B, u)} each.

    nudge(layer, which, t): added to the layer's h (which 0) or c (1) after character t.
    """
    nudge = nudge or (lambda layer, which, t: 0.0)
    pairs = list(weights)
    x = np.eye(pairs[0][0].shape[0])[ids]
    for _ in range(bool(net.embedding) + (net.cell == "transformer")):
        x = x @ pairs.pop(0)[0]
    shown, last = [], []
    for layer in range(net.layers):
        own, pairs = pairs[: MATRICES[net.cell]], pairs[MATRICES[net.cell] :]
        if net.cell == "transformer":
            x = block(own, x, window)
            x = x + np.array([nudge(layer, 0, t) + np.zeros(x.shape[1:]) for t in range(len(x))])
            shown.append({"h": x})
            last.append(())
            continue
        held = state[layer] if state else tuple(np.zeros((ids.shape[1], net.units)) for _ in range(CARRIED[net.cell]))
        rows = []
        for t in range(len(ids)):
            held, seen = STEPS[net.cell](own, x[t], held)
            held = tuple(array + nudge(layer, which, t) for which, array in enumerate(held))
            rows.append(seen | {"h": held[0]})
        shown.append({name: np.array([row[name] for row in rows]) for name in rows[0]})
        x = shown[-1]["h"]
        last.append(held)
    if net.cell == "transformer":
        x = normalised(pairs.pop(0), x)
    return x @ pairs[0][0] + pairs[0][1], tuple(last), shown


def log_softmax(x):
    x = x - x.max(-1, keepdims=True)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def text(length, batch, seed=5, alphabet=ALPHABET):
    return np.random.default_rng(seed).integers(0, alphabet, (length, batch)).astype(np.int32)


CASES = [("lstm", 1, 0), ("rnn", 2, 3), ("gru", 2, 3), ("lstm", 2, 3), ("transformer", 1, 3)]
