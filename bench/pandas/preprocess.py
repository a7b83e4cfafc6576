"""The steps of functions/preprocess in pandas and NumPy, from S3 to S3: one run a line of input, its seconds as a line of output."""

import hashlib
import io
import os
import sys
import time

# The stand-in does not know the checksum that the C++ SDK would choose.
os.environ.setdefault("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")

import numpy as np
import pandas as pd
import pyarrow.fs

STEP = pd.Timedelta(minutes=1)
NEIGHBOURS = 2
THRESHOLD = 0.33
SEASONS = [60, 1440, 10080]


def open_storage():
    return pyarrow.fs.S3FileSystem(
        endpoint_override=os.environ["BENCH_S3"],
        scheme="http",
        region="us-east-1",
        access_key=os.environ["AWS_ACCESS_KEY_ID"],
        secret_key=os.environ["AWS_SECRET_ACCESS_KEY"],
        allow_bucket_creation=False,
    )


def read(storage):
    with storage.open_input_stream("dataset/b.csv") as stream:
        content = stream.read()
    digest = hashlib.sha256(content).hexdigest()
    frame = pd.read_csv(io.BytesIO(content), float_precision="round_trip")
    frame["time"] = pd.to_datetime(frame["time"])
    return frame.set_index("time"), digest


def lay(frame):
    """In time order, one row a timestamp, on the grid, rows that miss too much left out."""
    if not frame.index.is_monotonic_increasing:
        frame = frame.sort_index(kind="stable")
    frame = frame[~frame.index.duplicated(keep="last")]
    grid = pd.date_range(frame.index[0], frame.index[-1], freq=STEP)
    inserted = ~grid.isin(frame.index)
    frame = frame.reindex(grid)
    kept = inserted | (frame.isna().mean(axis=1).to_numpy() <= THRESHOLD)
    return frame[kept], inserted[kept]


def impute(values, seconds, mean):
    """The mean of the most recent known values, weighted by 1 / distance in time."""
    known = ~np.isnan(values)
    positions = np.flatnonzero(known)
    last = np.cumsum(known) - 1
    missing = np.flatnonzero(~known)
    sums, weights = np.zeros(len(missing)), np.zeros(len(missing))
    for back in range(NEIGHBOURS):
        place = last[missing] - back
        usable = place >= 0
        source = positions[np.maximum(place, 0)]
        weight = np.where(usable, 1 / (seconds[missing] - seconds[source]), 0)
        sums += weight * np.where(usable, values[source], 0)
        weights += weight
    filled = values.copy()
    filled[missing] = np.where(weights > 0, sums / np.where(weights > 0, weights, 1), mean)
    return filled


def calendar(index):
    shares = {
        "minute_of_day": (index.hour * 60 + index.minute) / 1440,
        "day_of_week": index.day_of_week / 7,
        "day_of_year": (index.day_of_year - 1) / 365.25,
    }
    return {
        f"{name}_{kind}": wave(2 * np.pi * share.to_numpy())
        for name, share in shares.items()
        for kind, wave in (("sin", np.sin), ("cos", np.cos))
    }


def without_trend(values):
    rows = np.arange(len(values)) - (len(values) - 1) / 2
    centred = values - values.mean()
    return centred - (rows @ centred) / (rows @ rows) * rows


def without_profile(values, period):
    phase = np.arange(len(values)) % period
    means = np.bincount(phase, values) / np.bincount(phase)
    return values - means[phase]


def detect_seasons(columns):
    residuals = [without_trend(values) for values in columns]
    confirmed = []
    for period in SEASONS:
        aside = confirmed[-1] if confirmed else period // 2
        at, before, after = (
            np.mean([values[lag:] @ values[:-lag] / (values @ values) for values in residuals])
            for lag in (period, period - aside, period + aside)
        )
        noise = 1 / np.sqrt(len(columns[0]))
        if at > max(0.1, 3 * noise, before + noise, after + noise):
            confirmed.append(period)
            residuals = [without_profile(values, period) for values in residuals]
    return confirmed


def kpss(values):
    deviations = values - values.mean()
    rows = len(values)
    lags = int(4 * (rows / 100) ** 0.25)
    variance = deviations @ deviations / rows
    for lag in range(1, lags + 1):
        variance += 2 / rows * (1 - lag / (lags + 1)) * (deviations[lag:] @ deviations[:-lag])
    return (np.cumsum(deviations) ** 2).sum() / rows**2 / variance


def report(source, inserted, values, seasons):
    detrended = without_trend(values)
    return {
        "min": np.nanmin(source),
        "max": np.nanmax(source),
        "integer": bool(np.all(np.mod(source[~np.isnan(source)], 1) == 0)),
        "missing": int((np.isnan(source) & ~inserted).sum()),
        "kpss": kpss(values),
        "seasonality": [
            1 - (left @ left) / (detrended @ detrended)
            for left in (without_profile(detrended, period) for period in seasons)
        ],
    }


def data_hash(frame):
    digest = hashlib.sha256()
    for name in frame.columns:
        values = frame[name]
        digest.update(values.cat.codes.to_numpy() if values.dtype == "category" else values.to_numpy())
        digest.update(np.packbits(values.isna().to_numpy(), bitorder="little"))
    return digest.hexdigest()


def run(storage):
    source, _ = read(storage)
    fit_rows, select_rows, test_rows = (int(share * len(source)) for share in (0.7, 0.8, 0.9))
    cuts = [source.index[row] for row in (fit_rows, select_rows, test_rows)]
    kept, inserted = lay(source)
    fit_end = kept.index.searchsorted(cuts[0])
    seconds = ((kept.index - kept.index[0]) / pd.Timedelta(seconds=1)).to_numpy()
    inputs = {}
    scaler = {}
    for name in kept.columns:
        values = kept[name].to_numpy()
        inputs[name] = impute(values, seconds, np.nanmean(values[:fit_end]))
        scaler[name] = (inputs[name][:fit_end].mean(), inputs[name][:fit_end].std())
    seasons = detect_seasons([values[:fit_end] for values in inputs.values()])
    for name, values in inputs.items():
        report(kept[name].to_numpy(), inserted, values[:fit_end], seasons)
    ends = [kept.index.searchsorted(cut) for cut in cuts]
    segment = np.searchsorted(ends, np.arange(len(kept)), side="right")
    block = np.cumsum(np.diff(kept.index, prepend=kept.index[0]) > np.timedelta64(1, "m"))
    stored = pd.DataFrame(
        {
            "ts": kept.index,
            "block": block.astype("int32"),
            "inserted": inserted,
            "segment": pd.Categorical.from_codes(segment, ["fit", "validate", "select", "test"]),
            **inputs,
            **calendar(kept.index),
            **{f"{name}__actual": kept[name].to_numpy() for name in kept.columns},
        },
        copy=False,
    )
    data_hash(stored)
    for name, part in (("train", stored[: ends[2]]), ("test", stored[ends[2] :])):
        part.to_parquet(f"processed-data/pandas/{name}.parquet", compression="zstd", index=False, filesystem=storage)


storage = open_storage()
print("ready", flush=True)
for _ in sys.stdin:
    started = time.perf_counter()
    run(storage)
    print(time.perf_counter() - started, flush=True)
