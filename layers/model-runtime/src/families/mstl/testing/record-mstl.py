"""Records mstl.json: how statsforecast decomposes generated series. With statsforecast and statsmodels installed, in this folder:
python record-mstl.py > mstl.json
"""

import json
from importlib.metadata import version

import numpy as np
from statsforecast.mstl import mstl

with open("../../../statistics/testing/series.json") as file:
    series = json.load(file)


def record(at, seasons):
    parts = mstl(np.array(series[at]["values"]), seasons)
    names = [f"seasonal{season}" for season in seasons] if len(seasons) > 1 else ["seasonal"]
    # Every fifth row tells as much.
    seasonal = [[float(value) for value in parts[name].to_numpy()[::5]] for name in names]
    return {"series": at, "seasons": seasons, "seasonal": seasonal}


recorded = [record(0, [12]), record(3, [4, 12]), record(7, [4])]
print(json.dumps({"version": f"statsforecast {version('statsforecast')}", "decompositions": recorded}))
