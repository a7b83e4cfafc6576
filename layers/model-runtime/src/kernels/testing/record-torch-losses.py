"""Records torch-losses.json: what PyTorch's losses are over three epochs, from weights, data and order that torch.test.ts
makes in the same way. Run it beside itself, with torch installed: python record-torch-losses.py > torch-losses.json
"""

import json

import torch

STEPS, FEATURES, UNITS, LAYERS, HORIZON, TARGETS = 7, 3, 11, 2, 3, 2
ROWS, BATCH, EPOCHS, RATE = 240, 19, 3, 0.01
OUTPUTS = HORIZON * TARGETS


def numbers(seed):
    """Uniform in [-1, 1), by a linear congruential generator, whose every digit is the same in any language."""
    state = seed
    while True:
        state = (1664525 * state + 1013904223) % 2**32
        yield state / 2**31 - 1


def drawn(draw, *shape):
    count = 1
    for size in shape:
        count *= size
    return torch.tensor([next(draw) for _ in range(count)], dtype=torch.float64).reshape(shape).float()


def series(draw):
    """[row][feature]: a saw tooth for each feature, and noise."""
    noise = drawn(draw, ROWS, FEATURES)
    saw = torch.tensor([[(row % (6 + 2 * feature)) / 4 - 1 for feature in range(FEATURES)] for row in range(ROWS)])
    return saw + 0.25 * noise


def weights(draw, gates):
    """As Keras lays them out: kernel, recurrent kernel and bias of each layer, then the head's."""
    arrays = []
    for layer in range(LAYERS):
        arrays.append(0.4 * drawn(draw, FEATURES if layer == 0 else UNITS, gates * UNITS))
        arrays.append(0.4 * drawn(draw, UNITS, gates * UNITS))
        arrays.append(0.4 * drawn(draw, gates * UNITS))
    arrays.append(0.4 * drawn(draw, UNITS, OUTPUTS))
    arrays.append(0.4 * drawn(draw, OUTPUTS))
    return [array.requires_grad_() for array in arrays]


def gru(x, w, u, b):
    """The reset gate before the recurrent product, which torch.nn.GRU does not offer."""
    h = torch.zeros(x.shape[0], UNITS)
    outputs = []
    for step in range(x.shape[1]):
        given = x[:, step] @ w + b
        z = torch.sigmoid(given[:, :UNITS] + h @ u[:, :UNITS])
        r = torch.sigmoid(given[:, UNITS : 2 * UNITS] + h @ u[:, UNITS : 2 * UNITS])
        n = torch.tanh(given[:, 2 * UNITS :] + (r * h) @ u[:, 2 * UNITS :])
        h = z * h + (1 - z) * n
        outputs.append(h)
    return torch.stack(outputs, 1)


def lstm(x, w, u, b):
    h = torch.zeros(x.shape[0], UNITS)
    c = torch.zeros(x.shape[0], UNITS)
    outputs = []
    for step in range(x.shape[1]):
        i, f, q, o = (x[:, step] @ w + h @ u + b).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(q)
        h = torch.sigmoid(o) * torch.tanh(c)
        outputs.append(h)
    return torch.stack(outputs, 1)


def answers(cell, x, arrays):
    for layer in range(LAYERS):
        x = cell(x, *arrays[3 * layer : 3 * layer + 3])
    return x[:, -1] @ arrays[-2] + arrays[-1]


def order(draw, count):
    indices = list(range(count))
    for last in range(count - 1, 0, -1):
        other = int((next(draw) + 1) / 2 * (last + 1))
        indices[last], indices[other] = indices[other], indices[last]
    return indices


def losses(cell, gates):
    rows = series(numbers(1))
    arrays = weights(numbers(2), gates)
    shuffled = numbers(3)
    origins = range(STEPS, ROWS - HORIZON + 1)
    x = torch.stack([rows[at - STEPS : at] for at in origins])
    y = torch.stack([rows[at : at + HORIZON, :TARGETS].reshape(-1) for at in origins])
    adam = torch.optim.Adam(arrays, lr=RATE)
    history = []
    for _ in range(EPOCHS):
        indices = order(shuffled, len(origins))
        total = 0.0
        for start in range(0, len(indices), BATCH):
            picked = indices[start : start + BATCH]
            adam.zero_grad()
            loss = torch.nn.functional.mse_loss(answers(cell, x[picked], arrays), y[picked])
            loss.backward()
            adam.step()
            total += loss.item() * len(picked)
        history.append(total / len(indices))
    return history


shape = dict(steps=STEPS, features=FEATURES, units=UNITS, layers=LAYERS, horizon=HORIZON, targets=TARGETS)
training = dict(rows=ROWS, batchSize=BATCH, epochs=EPOCHS, learningRate=RATE)
recorded = dict(GRU=losses(gru, 3), LSTM=losses(lstm, 4))
print(json.dumps(dict(torch=torch.__version__.split("+")[0], **shape, **training, losses=recorded), indent=2))
