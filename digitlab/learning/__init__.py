"""What a machine makes of digits: networks, their training, their evaluation, and the run that is stored."""
