"""Writes series.json: twenty series of several kinds, which the recorders of reference values and the tests read.

python generate-series.py > series.json
"""

import json
import math

# (season, rows, level, trend a row, part of the season, multiplicative, part of the noise)
KINDS = [
    (12, 96, 100, 0.3, 0.2, True, 0.03), (12, 120, 500, -1.0, 0.1, False, 0.02), (12, 84, 20, 0.0, 0.4, True, 0.05),
    (12, 132, 1000, 2.0, 0.15, True, 0.01), (12, 72, 60, 0.0, 0.05, False, 0.06), (12, 108, 300, 0.5, 0.3, False, 0.04),
    (12, 60, 40, 0.2, 0.25, True, 0.08), (4, 40, 100, 1.0, 0.2, True, 0.03), (4, 48, 5000, 0.0, 0.1, False, 0.03),
    (4, 64, 80, -0.4, 0.3, False, 0.02), (4, 56, 30, 0.5, 0.15, True, 0.06), (4, 44, 700, 8.0, 0.05, True, 0.02),
    (4, 72, 150, 0.3, 0.4, True, 0.04), (1, 20, 100, 3.0, 0, False, 0.05), (1, 30, 1000, 0.0, 0, False, 0.08),
    (1, 45, 50, 1.0, 0, False, 0.03), (1, 60, 200, -1.0, 0, False, 0.05), (1, 80, 10, 0.1, 0, False, 0.1),
    (1, 25, 4000, 90.0, 0, False, 0.02), (1, 100, 70, 0.2, 0, False, 0.04),
]


def numbers(seed):
    """Uniform in [-1, 1), by a linear congruential generator, whose every digit is the same in any language."""
    state = seed
    while True:
        state = (1664525 * state + 1013904223) % 2**32
        yield state / 2**31 - 1


def series(seed, season, rows, level, trend, part, multiplicative, noise):
    draw = numbers(seed)
    pattern = [math.sin(2 * math.pi * phase / season) + 0.5 * next(draw) for phase in range(season)]
    walk = 0.0
    values = []
    for row in range(rows):
        walk += 0.4 * noise * level * (next(draw) + next(draw))
        base = level + trend * row + walk
        swing = part * (pattern[row % season] if season > 1 else 0)
        mean = base * (1 + swing) if multiplicative else base + level * swing
        values.append(round(mean + noise * level * (next(draw) + next(draw)), 2))
    return {"season": season, "values": values}


print("[")
print(",\n".join(json.dumps(series(seed + 1, *kind)) for seed, kind in enumerate(KINDS)))
print("]")
