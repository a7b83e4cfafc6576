"""Records ces.json: what statsforecast makes of generated series. With statsforecast installed, in this folder:
python record-ces.py > ces.json
"""

import json
from importlib.metadata import version

import numpy as np
from statsforecast.models import AutoCES

FORMS = {"N": "none", "S": "simple", "P": "partial", "F": "full"}

with open("../../../statistics/testing/series.json") as file:
    series = json.load(file)


def numbers(values):
    return [float(value) for value in np.ravel(values)]


def rings(states, form, first, season):
    """The states of a season of rows from `first` on, in the lists that ours are in; the level's are those of the last one."""
    part = states[first : first + season]
    last = part if form == "simple" else part[-1:]
    columns = part.shape[1]
    return {
        "levels": numbers(last[:, 0]),
        "potentials": numbers(last[:, 1]),
        "seasons": numbers(part[:, 2]) if columns > 2 else [0],
        "seasonPotentials": numbers(part[:, 3]) if columns > 3 else [0] * (season if columns > 2 else 1),
    }


def record(at, model):
    values = np.array(series[at]["values"])
    fitted = AutoCES(season_length=series[at]["season"], model=model).fit(values)
    kept = fitted.model_
    form = FORMS[kept["seasontype"]]
    season = 1 if form == "none" else series[at]["season"]
    states = np.array(kept["states"])
    par = kept["par"]
    pair = [0 if np.isnan(par[name]) else float(par[name]) for name in ("beta_0", "beta_1")]
    return {
        "series": at,
        "form": form,
        "smoothing": {"level": [float(par["alpha_0"]), float(par["alpha_1"])], "season": pair},
        "initial": rings(states, form, 0, season),
        "last": rings(states, form, len(values), season),
        "mean": numbers(fitted.predict(10)["mean"]),
    }


recorded = [record(7, model) for model in FORMS]
searches = [
    {name: value for name, value in record(at, "Z").items() if name in ("form", "smoothing", "initial")}
    for at in range(len(series))
]
print(json.dumps({"version": f"statsforecast {version('statsforecast')}", "models": recorded, "searches": searches}))
