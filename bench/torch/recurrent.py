"""PyTorch's side of bench/train.ts and bench/predict.ts. Each line on stdin asks for one measurement, whose seconds it prints:
  train <GRU|LSTM> <units> <layers> <threads> <batches>     steps of Adam on batches of 64 windows
  predict <GRU|LSTM> <units> <layers> <threads> <windows>   one forward pass, the mean of several
"""

import sys
import time

import torch

STEPS, FEATURES, OUTPUTS, BATCH = 10, 17, 17, 64


class Forecaster(torch.nn.Module):
    def __init__(self, cell, units, layers):
        super().__init__()
        kind = torch.nn.GRU if cell == "GRU" else torch.nn.LSTM
        self.recurrent = kind(FEATURES, units, layers, batch_first=True)
        self.head = torch.nn.Linear(units, OUTPUTS)

    def forward(self, x):
        return self.head(self.recurrent(x)[0][:, -1])


kept = {}


def prepared(cell, units, layers):
    key = (cell, units, layers)
    if key not in kept:
        model = Forecaster(*key)
        kept[key] = model, torch.optim.Adam(model.parameters(), fused=True)
    return kept[key]


def train(model, adam, batches):
    x = torch.randn(batches, BATCH, STEPS, FEATURES)
    y = torch.randn(batches, BATCH, OUTPUTS)
    started = time.perf_counter()
    for batch in range(batches):
        adam.zero_grad(set_to_none=True)
        torch.nn.functional.mse_loss(model(x[batch]), y[batch]).backward()
        adam.step()
    return time.perf_counter() - started


def predict(model, windows):
    x = torch.randn(windows, STEPS, FEATURES)
    passes = max(3, 300 // windows)
    with torch.inference_mode():
        started = time.perf_counter()
        for _ in range(passes):
            model(x)
    return (time.perf_counter() - started) / passes


print("ready", flush=True)
for line in sys.stdin:
    what, cell, units, layers, threads, count = line.split()
    torch.set_num_threads(int(threads))
    model, adam = prepared(cell, int(units), int(layers))
    print(train(model, adam, int(count)) if what == "train" else predict(model, int(count)), flush=True)
