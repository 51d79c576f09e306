"""The parts of the page on which a teacher looks after the class."""
