"""Pictures without labels, sorted into ten piles by a person's drawings: the labels of MNIST's are never read here."""
