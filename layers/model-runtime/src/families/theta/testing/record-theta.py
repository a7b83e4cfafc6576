"""Records theta.json: what statsforecast makes of a generated series. With statsforecast installed, in this folder:
python record-theta.py > theta.json
"""

import json
from importlib.metadata import version

import numpy as np
from statsforecast.models import DynamicOptimizedTheta, DynamicTheta, OptimizedTheta, Theta

AT = 15

with open("../../../statistics/testing/series.json") as file:
    values = np.array(json.load(file)[AT]["values"])


def record(variant, model):
    fitted = model(season_length=1).fit(values).model_
    parameters = {name: float(value) for name, value in fitted["par"].items()}
    last = [float(number) for number in fitted["states"][-1]]
    mean = model(season_length=1).fit(values).predict(12)["mean"]
    return {
        "variant": variant,
        "parameters": parameters,
        "last": last,
        "fitted": [float(number) for number in fitted["fitted"]],
        "mean": [float(number) for number in mean],
        # Of the one-step residuals, without the first.
        "squares": float(np.sum(fitted["residuals"][1:] ** 2)),
    }


models = {"STM": Theta, "OTM": OptimizedTheta, "DSTM": DynamicTheta, "DOTM": DynamicOptimizedTheta}
recorded = [record(variant, model) for variant, model in models.items()]
print(json.dumps({"version": f"statsforecast {version('statsforecast')}", "series": AT, "models": recorded}))
