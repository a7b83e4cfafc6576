"""PyTorch's side of bench/train.ts and bench/predict.ts. Each line on stdin asks for one measurement, whose seconds it prints:
  train <family> <units> <layers> <threads> <batches>     steps of Adam on batches of 64 windows
  predict <family> <units> <layers> <threads> <windows>   one forward pass, the mean of several
Networks are built of PyTorch's own modules, as src/kernels/families of the model-runtime describes them.
"""

import sys
import time

import torch

STEPS, FEATURES, TARGETS, BATCH = 10, 17, 17, 64
HORIZON = dict(GRU=1, LSTM=1, TCN=1, ED_LSTM=10, TETS=1)


class Recurrent(torch.nn.Module):
    """GRU, with the reset gate after the recurrent product, or LSTM."""

    def __init__(self, kind, units, layers):
        super().__init__()
        self.recurrent = kind(FEATURES, units, layers, batch_first=True)
        self.head = torch.nn.Linear(units, TARGETS)

    def forward(self, x):
        return self.head(self.recurrent(x)[0][:, -1])


class EncoderDecoder(torch.nn.Module):
    def __init__(self, units, layers):
        super().__init__()
        self.encoder = torch.nn.LSTM(FEATURES, units, layers, batch_first=True)
        self.decoder = torch.nn.LSTM(units, units, layers, batch_first=True)
        self.head = torch.nn.Linear(units, TARGETS)

    def forward(self, x):
        last = self.encoder(x)[0][:, -1:]
        return self.head(self.decoder(last.expand(-1, HORIZON["ED_LSTM"], -1))[0]).flatten(1)


class Residual(torch.nn.Module):
    """Over [row, channel, step]."""

    def __init__(self, features, units, dilation):
        super().__init__()
        self.padding = (2 * dilation, 0)
        self.first = torch.nn.Conv1d(features, units, 3, dilation=dilation)
        self.second = torch.nn.Conv1d(units, units, 3, dilation=dilation)
        self.skip = torch.nn.Identity() if features == units else torch.nn.Conv1d(features, units, 1)

    def forward(self, x):
        own = self.first(torch.nn.functional.pad(x, self.padding)).relu()
        own = self.second(torch.nn.functional.pad(own, self.padding)).relu()
        return (own + self.skip(x)).relu()


class Convolutional(torch.nn.Module):
    def __init__(self, units, layers):
        super().__init__()
        blocks = [Residual(FEATURES if layer == 0 else units, units, 2**layer) for layer in range(layers)]
        self.blocks = torch.nn.Sequential(*blocks)
        self.head = torch.nn.Linear(units, TARGETS)

    def forward(self, x):
        return self.head(self.blocks(x.transpose(1, 2))[:, :, -1])


class Transformer(torch.nn.Module):
    def __init__(self, units, layers):
        super().__init__()
        self.projection = torch.nn.Linear(FEATURES, units, bias=False)
        self.position = torch.nn.Parameter(torch.zeros(STEPS, units))
        shape = dict(dim_feedforward=4 * units, dropout=0.0, layer_norm_eps=1e-3, batch_first=True)
        block = torch.nn.TransformerEncoderLayer(units, 4, **shape)
        self.encoder = torch.nn.TransformerEncoder(block, layers)
        self.head = torch.nn.Linear(units, TARGETS)

    def forward(self, x):
        return self.head(self.encoder(self.projection(x) + self.position)[:, -1])


FAMILIES = dict(
    GRU=lambda units, layers: Recurrent(torch.nn.GRU, units, layers),
    LSTM=lambda units, layers: Recurrent(torch.nn.LSTM, units, layers),
    TCN=Convolutional,
    ED_LSTM=EncoderDecoder,
    TETS=Transformer,
)

kept = {}


def prepared(family, units, layers):
    key = (family, units, layers)
    if key not in kept:
        model = FAMILIES[family](units, layers)
        kept[key] = model, torch.optim.Adam(model.parameters(), fused=True)
    return kept[key]


def train(model, adam, batches, outputs):
    model.train()
    x = torch.randn(batches, BATCH, STEPS, FEATURES)
    y = torch.randn(batches, BATCH, outputs)

    def step(batch):
        adam.zero_grad(set_to_none=True)
        torch.nn.functional.mse_loss(model(x[batch]), y[batch]).backward()
        adam.step()

    # Both sides begin with a pass that does not count: it wakes their threads up.
    for batch in range(batches):
        step(batch)
    started = time.perf_counter()
    for batch in range(batches):
        step(batch)
    return time.perf_counter() - started


def predict(model, windows):
    model.eval()
    x = torch.randn(windows, STEPS, FEATURES)
    passes = max(3, 300 // windows)
    with torch.inference_mode():
        started = time.perf_counter()
        for _ in range(passes):
            model(x)
    return (time.perf_counter() - started) / passes


print("ready", flush=True)
for line in sys.stdin:
    what, family, units, layers, threads, count = line.split()
    torch.set_num_threads(int(threads))
    model, adam = prepared(family, int(units), int(layers))
    outputs = HORIZON[family] * TARGETS
    seconds = train(model, adam, int(count), outputs) if what == "train" else predict(model, int(count))
    print(seconds, flush=True)
