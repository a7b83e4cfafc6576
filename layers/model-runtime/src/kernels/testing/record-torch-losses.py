"""Records torch-losses.json: what PyTorch's losses are over three epochs, from weights, data and order that torch.test.ts
makes in the same way. Run it beside itself, with torch installed: python record-torch-losses.py > torch-losses.json
"""

import json

import torch

STEPS, FEATURES, UNITS, LAYERS, HORIZON, TARGETS = 7, 3, 11, 2, 3, 2
ROWS, BATCH, EPOCHS, RATE = 240, 19, 3, 0.01
OUTPUTS = HORIZON * TARGETS
TAPS = 3


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


def stack_shapes(gates, features):
    """As Keras lays them out: kernel, recurrent kernel and bias of each layer."""
    shapes = []
    for layer in range(LAYERS):
        given = features if layer == 0 else UNITS
        shapes += [(given, gates * UNITS), (UNITS, gates * UNITS), (gates * UNITS,)]
    return shapes


def recurrent_shapes(gates):
    return stack_shapes(gates, FEATURES) + [(UNITS, OUTPUTS), (OUTPUTS,)]


def encoder_decoder_shapes():
    return stack_shapes(4, FEATURES) + stack_shapes(4, UNITS) + [(UNITS, TARGETS), (TARGETS,)]


def tcn_shapes():
    """Kernel and bias of each block's two convolutions, and of the first one's skip, then the head's."""
    shapes = []
    for layer in range(LAYERS):
        given = FEATURES if layer == 0 else UNITS
        shapes += [(TAPS, 1, given, UNITS), (UNITS,), (TAPS, 1, UNITS, UNITS), (UNITS,)]
        if layer == 0:
            shapes += [(1, 1, given, UNITS), (UNITS,)]
    return shapes + [(UNITS, OUTPUTS), (OUTPUTS,)]


def heads_of():
    return next(heads for heads in (4, 2, 1) if UNITS % heads == 0)


def transformer_shapes():
    """The position, the projection, each block's layers in the order of tets(), then the head's."""
    size = UNITS // heads_of()
    shapes = [(1, STEPS * UNITS), (FEATURES, UNITS)]
    for _ in range(LAYERS):
        shapes += [(UNITS, size), (size,)] * (3 * heads_of())
        shapes += [(UNITS, UNITS), (UNITS,), (UNITS,), (UNITS,)]
        shapes += [(UNITS, 4 * UNITS), (4 * UNITS,), (4 * UNITS, UNITS), (UNITS,), (UNITS,), (UNITS,)]
    return shapes + [(UNITS, OUTPUTS), (OUTPUTS,)]


def weights(draw, shapes):
    return [(0.4 * drawn(draw, *shape)).requires_grad_() for shape in shapes]


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


def stack(cell, x, arrays):
    for layer in range(LAYERS):
        x = cell(x, *arrays[3 * layer : 3 * layer + 3])
    return x


def recurrent(cell):
    return lambda x, arrays: stack(cell, x, arrays)[:, -1] @ arrays[-2] + arrays[-1]


def encoder_decoder(x, arrays):
    repeated = stack(lstm, x, arrays)[:, -1:].expand(-1, HORIZON, -1)
    return (stack(lstm, repeated, arrays[3 * LAYERS :]) @ arrays[-2] + arrays[-1]).flatten(1)


def convolution(x, w, b, dilation):
    """Causal, over x [row, step, feature] with w [tap, 1, feature, unit]."""
    padded = torch.nn.functional.pad(x.transpose(1, 2), ((w.shape[0] - 1) * dilation, 0))
    return torch.nn.functional.conv1d(padded, w[:, 0].permute(2, 1, 0), b, dilation=dilation).transpose(1, 2)


def tcn(x, arrays):
    arrays = iter(arrays)
    for layer in range(LAYERS):
        own = convolution(x, next(arrays), next(arrays), 2**layer).relu()
        own = convolution(own, next(arrays), next(arrays), 2**layer).relu()
        x = (own + (convolution(x, next(arrays), next(arrays), 1) if layer == 0 else x)).relu()
    return x[:, -1] @ next(arrays) + next(arrays)


def normalised(x, gamma, beta):
    return torch.nn.functional.layer_norm(x, (UNITS,), gamma, beta, eps=1e-3)


def tets(x, arrays):
    arrays = iter(arrays)
    heads = heads_of()
    positions = next(arrays).reshape(STEPS, UNITS)
    x = x @ next(arrays) + positions
    for _ in range(LAYERS):
        asked = [[x @ next(arrays) + next(arrays) for _ in "qk"] for _ in range(heads)]
        values = [x @ next(arrays) + next(arrays) for _ in range(heads)]
        mixed = [(q @ k.transpose(1, 2)).softmax(-1) @ v for (q, k), v in zip(asked, values)]
        x = normalised(torch.cat(mixed, -1) @ next(arrays) + next(arrays) + x, next(arrays), next(arrays))
        inner = (x @ next(arrays) + next(arrays)).relu()
        x = normalised(inner @ next(arrays) + next(arrays) + x, next(arrays), next(arrays))
    return x[:, -1] @ next(arrays) + next(arrays)


def order(draw, count):
    indices = list(range(count))
    for last in range(count - 1, 0, -1):
        other = int((next(draw) + 1) / 2 * (last + 1))
        indices[last], indices[other] = indices[other], indices[last]
    return indices


def losses(answers, shapes):
    rows = series(numbers(1))
    arrays = weights(numbers(2), shapes)
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
            loss = torch.nn.functional.mse_loss(answers(x[picked], arrays), y[picked])
            loss.backward()
            adam.step()
            total += loss.item() * len(picked)
        history.append(total / len(indices))
    return history


shape = dict(steps=STEPS, features=FEATURES, units=UNITS, layers=LAYERS, horizon=HORIZON, targets=TARGETS)
training = dict(rows=ROWS, batchSize=BATCH, epochs=EPOCHS, learningRate=RATE)
recorded = dict(
    GRU=losses(recurrent(gru), recurrent_shapes(3)),
    LSTM=losses(recurrent(lstm), recurrent_shapes(4)),
    TCN=losses(tcn, tcn_shapes()),
    ED_LSTM=losses(encoder_decoder, encoder_decoder_shapes()),
    TETS=losses(tets, transformer_shapes()),
)
print(json.dumps(dict(torch=torch.__version__.split("+")[0], **shape, **training, losses=recorded), indent=2))
