"""The plain PyTorch loop that training_speed.py compares with: reads commands from standard input, so it stays warm.

    PYTHON tests/benchmarks/torch_loop.py DIGITS.npz BATCH_SIZE EPOCHS

For each line read, it trains 784-128-10 anew and prints `{"seconds": s, "accuracy": 0-1}` of MNIST's test digits.
"""

import json
import sys
import time

import numpy as np
import torch
from torch import nn


def main():
    digits, batch_size, epochs = np.load(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    x_train, x_test = (torch.from_numpy(digits[name].reshape(-1, 784) / np.float32(255)) for name in ("x", "x_test"))
    y_train, y_test = (torch.from_numpy(digits[name].astype(np.int64)) for name in ("y", "y_test"))
    train(x_train[:1000], y_train[:1000], batch_size, 1)
    for _ in sys.stdin:
        started = time.perf_counter()
        model = train(x_train, y_train, batch_size, epochs)
        seconds = time.perf_counter() - started
        accuracy = float((model(x_test).argmax(dim=1) == y_test).float().mean())
        print(json.dumps({"seconds": seconds, "accuracy": accuracy}), flush=True)


def train(x, y, batch_size, epochs):
    model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    optimizer, loss_of = torch.optim.Adam(model.parameters()), nn.CrossEntropyLoss()
    for _ in range(epochs):
        for batch in torch.randperm(len(x)).split(batch_size):
            optimizer.zero_grad()
            loss_of(model(x[batch]), y[batch]).backward()
            optimizer.step()
    return model


if __name__ == "__main__":
    main()
