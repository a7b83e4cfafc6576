"""Load on POST /predict: the forecast after the newest stored row, of one length and of many."""

import os
from random import randint

from locust import HttpUser, constant_throughput, task

IDENTIFIER = os.environ.get("IDENTIFIER", "us-flights")


class Client(HttpUser):
    """One request a second; 429 counts as a failure, so that the page shows where the queue is full."""

    wait_time = constant_throughput(1)

    @task(3)
    def same_forecast(self):
        """May be served from the cache."""
        self.client.post("/predict", json={"identifier": IDENTIFIER})

    @task
    def forecast_of_some_length(self):
        """The length changes, so that the cache seldom has it."""
        length = randint(1, 48)
        path = f"/predict?inference_length={length}"
        self.client.post(path, json={"identifier": IDENTIFIER}, name="/predict?inference_length=[1-48]")
