"""What each setting of a training does, and what a good value is: a sentence or two beside its input."""

SETTINGS = {
    "optimizer": "How a step changes the weights. adam suits nearly everything; sgd needs a larger learning rate.",
    "learning_rate": "How far a step changes the weights. Good with adam: 0.001 to 0.006 from scratch, 0.0003 for a "
    "saved model. Too large: the loss stays high or jumps. Too small: it hardly falls.",
    "batch_size": "Digits looked at before each step. Good: 32 to 256. Larger is quicker, smaller takes more steps.",
    "label_smoothing": "Share of each label that is spread over all ten digits: the network learns not to be too sure. "
    "Good: 0.3 for few drawings, 0 for MNIST.",
    "epochs": "How often all digits are gone through. Good: 2 to 8. Enough when the validation accuracy rises no more.",
    "train_share": "All digits read best; with fewer you see what a smaller data set is worth.",
    "seed": "Starts the random numbers: same seed and settings, same network. Train with two or three seeds to see how "
    "much is luck.",
    "network": "Dense: each unit looks at the whole digit. Convolutional and LeNet: units look at small parts first, "
    "in the same way in every place; that takes longer and reads MNIST a little better.",
    "straighten": "Inside the model, each digit gets a standard slant and size: what is learnt from one hand then fits "
    "others better. Good: on.",
    "directions": "Instead of which pixels are inked: where lines run which way changes less from hand to "
    "hand. Good: on.",
    "hidden_layers": "Layers between the picture and the ten answers. Good: 1. With none the network only weighs "
    "pixels.",
    "units": "How many features of a digit the layer can learn. Good: 128 for MNIST, 512 for few drawings.",
    "activation": "What a unit makes of its sum. Good: relu. tanh and sigmoid learn more slowly.",
    "dropout": "Share of hidden units left out at each step, so that none is relied on too much. Good: 0 for few "
    "steps, 0.2 for long trainings.",
    "variation": "How far each copy of a drawing is turned, slanted and bent. Good: 1. At 0 all copies are alike.",
    "vary_anew": "How far each digit is turned, slanted and bent, in another way in each epoch: the network never sees "
    "the same digit twice. Good: 0 for a few epochs, 0.5 for twenty and more.",
    "half_precision": "Numbers of 16 bits instead of 32 while it trains: a convolutional network then takes a quarter "
    "less time, on processors that can do it. Good: off for dense networks.",
    "pool": "So many varied copies are made of your drawings. Good: 8000; more did not teach more. 0: as they are.",
    "mnist_share": "Trained on together with your drawings: the larger, the more like MNIST. Good: 0 to see what your "
    "drawings are worth alone, 0.5 for a saved model, so that it forgets less.",
}
FORMS_OF_DRAWINGS = (
    "What DigitLab was told about other people's digits, not what it learns from yours: some copies lose the flag or "
    "foot of a 1, the bar of a 7, part of the tail of a 9. Digits without these stay as they are, and so do pictures "
    "without strokes. Good: on."
)
FORMS_OF_MNIST = (
    "Onto some of MNIST's 1s, 7s and 9s is drawn what many people write and MNIST's mostly did not: a flag, a foot, "
    "a bar, a tail. The network then reads people better, and MNIST 0.2 points worse."
)
VIEWS = (
    "Each of MNIST's test pictures is read in so many slightly varied views, and the answers are averaged: with 16 a "
    "network on few drawings reads 1 to 2 points more. The first time takes a minute longer. Only that test is read "
    "so, not what you draw."
)

# What words mean, where they appear on a result.
CURVES = (
    "Loss is how wrong the network was and how sure of it; accuracy the share read right. Where training still gets "
    "better and validation no more, the network learns its digits by heart: that is overfitting."
)
CONFUSION = (
    "Confusion matrix: each row is what was written, each column what was read. Right answers lie on the diagonal; a "
    "dark cell beside it is a mistake made often."
)
