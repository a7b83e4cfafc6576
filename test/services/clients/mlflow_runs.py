"""What MLflow's own Python client sees of an experiment, as JSON: python mlflow_runs.py <tracking uri> <experiment>."""

import json
import pathlib
import sys

import mlflow

uri, name = sys.argv[1:]
mlflow.set_tracking_uri(uri)
client = mlflow.MlflowClient()


def artifacts(run_id, folder=None):
    found = {}
    for entry in client.list_artifacts(run_id, folder):
        if entry.is_dir:
            found.update(artifacts(run_id, entry.path))
        else:
            found[entry.path] = pathlib.Path(client.download_artifacts(run_id, entry.path)).read_text()
    return found


def described(run):
    return {
        "name": run.info.run_name,
        "status": run.info.status,
        "params": run.data.params,
        "metrics": {
            key: sorted([point.step, str(point.value)] for point in client.get_metric_history(run.info.run_id, key))
            for key in run.data.metrics
        },
        "stage": run.data.tags.get("stage"),
        "artifacts": artifacts(run.info.run_id),
    }


experiment = client.get_experiment_by_name(name)
runs = client.search_runs([experiment.experiment_id], order_by=["attributes.start_time ASC"])
print(json.dumps([described(run) for run in runs]))
